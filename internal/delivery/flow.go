package delivery

// What waits in the server's kernel for an acknowledgement of the client's.

// An acknowledger is a socket that can acknowledge at once, whatever it was told of that, and counts what it sends.
type acknowledger interface {
	// acknowledge has the kernel acknowledge what it has received and the client has read.
	acknowledge()
	// account returns how many bytes the kernel has received, and how many segments without any it has sent, at one moment.
	account() (received uint64, acks uint32, ok bool)
}

// Flow is how far a server's answers have come, at one moment of the client's kernel and the next one of the server's.
type Flow struct {
	Received uint64 // bytes that the client's kernel has received
	Acks     uint32 // segments without bytes that the client's kernel has sent
	Sees     bool   // the server's end was seen, and the rest is known
	Sent     uint64 // bytes that have left the server's kernel
	Unsent   uint32 // bytes that the server has written, and the client's kernel has not acknowledged
	Waiting  uint32 // of those, how many have not left
}

// Held says whether bytes wait in the server's kernel while everything that has left it has come, and is not acknowledged.
func (f Flow) Held() bool {
	return f.Sees && f.Waiting > 0 && f.Unsent > f.Waiting && f.Sent == f.Received
}

// Acknowledged says whether the client's kernel has acknowledged all that has left the server's.
func (f Flow) Acknowledged() bool { return f.Sees && f.Unsent == f.Waiting }

// Flow looks at both ends. It is not ok where the system does not tell of the client's own.
func (c *Conn) Flow() (f Flow, ok bool) {
	a, tells := c.socket.(acknowledger)
	if !tells {
		return f, false
	}
	if f.Received, f.Acks, ok = a.account(); !ok || c.view.blind() {
		return f, ok
	}
	e, sight := c.view.look()
	f.Sees, f.Sent, f.Unsent, f.Waiting = sight == present && e.Sent > 0, e.Sent, e.Unsent, e.Waiting
	return f, true
}

// Acknowledge has the client's kernel acknowledge at once what the client has read, where it can be told.
func (c *Conn) Acknowledge() {
	if a, tells := c.socket.(acknowledger); tells {
		a.acknowledge()
	}
}
