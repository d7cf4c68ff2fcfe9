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
	// Echo answers the bytes received.
	Echo Dialect = echo
	// Greet answers Greeting, then the bytes received.
	Greet Dialect = greet
	// Line answers every line with the line, until an empty one.
	Line Dialect = line
	// Script lets the client script the operations, one command a line.
	Script Dialect = script
)

// HandlerFor returns the handler of a dialect by its name in the contract:
// echo, greet, line or script.
func HandlerFor(dialect string) (Handler, bool) {
	if d, ok := DialectFor(dialect); ok {
		return d, true
	}
	return nil, false
}

// DialectFor is HandlerFor, with the dialect's own type.
func DialectFor(dialect string) (Dialect, bool) {
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
