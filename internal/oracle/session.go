package oracle

import "io"

// A State is where a session stands.
type State int

const (
	Waiting State = iota // for more input, with everything said that is due
	Over                 // the handler is done
	Failed               // the handler has failed
)

func (s State) String() string {
	return [...]string{"waiting", "over", "failed"}[s]
}

// A Session is what a handler does with an input.
type Session struct {
	Sent   string // what the client has got
	Unsent string // what was written and waits for a SEND, or was dropped at the end
	Left   string // what of the input no operation has taken
	State  State
}

// A Dialect plays a session of a dialect on what a client has sent so far.
type Dialect func(in Input) Session

// ByName returns the dialect of that name in the contract, and nil for any other.
func ByName(name string) Dialect { return byName[name] }

var byName = map[string]Dialect{"echo": Echo, "greet": Greet, "line": Line, "script": Script}

// Greeting is what greet says before the first bytes.
const Greeting = "I am the server,I have got it:\n"

// Echo answers the bytes received, and closes at the end of the stream.
func Echo(in Input) Session {
	s := Session{Sent: in.Left}
	if in.Ended {
		s.State = Over
	}
	return s
}

// Greet answers the greeting and then as Echo; nothing when nothing was received.
func Greet(in Input) Session {
	s := Echo(in)
	if in.Left != "" {
		s.Sent = Greeting + s.Sent
	}
	return s
}

// Line answers each line with the line and LF. It ends at an empty line, as the
// reference does; the contract lets a server go on after one.
func Line(in Input) Session {
	s := Session{}
	for {
		text, err := in.ReadLine(LineLimit)
		s.Left = in.Left
		switch {
		case err == ErrWait:
			return s
		case err == io.EOF, err == nil && text == "":
			s.State = Over
			return s
		case err != nil:
			s.State = Failed
			return s
		}
		s.Sent += text + "\n"
	}
}
