package reference

// A Dialect is a session over a Stream: what a server does with the bytes that
// it reads.
type Dialect func(s Stream) error

// Handle runs the session on h, which makes a Dialect a Handler.
func (d Dialect) Handle(h *StreamHandler) error {
	return d(h)
}

// The dialects of the contract's section 3.
var (
	// Echo answers the bytes received (RFC 862).
	Echo Dialect = echo
	// Greet answers Greeting, then the bytes received.
	Greet Dialect = greet
	// Line answers every line with the line, until an empty one.
	Line Dialect = line
	// Script lets the client script the operations, one command a line.
	Script Dialect = script
)

// HandlerFor returns the dialect of that name in the contract, echo, greet, line
// or script, which is a Handler; for any other name it returns nil and false.
func HandlerFor(dialect string) (Dialect, bool) {
	switch dialect {
	case "echo":
		return Echo, true
	case "greet":
		return Greet, true
	case "line":
		return Line, true
	case "script":
		return Script, true
	}
	return nil, false
}
