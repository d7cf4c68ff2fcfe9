package delivery

import "sync/atomic"

// serverView is where a connection looks at the server's end. The real one is *view.
type serverView interface {
	// look returns how far the server's end got, where it is present. It reads the queue before the count, as the kernel does.
	look() (serverEnd, sight)
	// giveUp decides that the server's end is not to be found, and why.
	giveUp()
	// blind says whether it was decided that the server's end cannot be seen.
	blind() bool
	// found says whether the server's end was found.
	found() bool
	// reason returns why the server's end cannot be seen; "" when that was not decided.
	reason() string
}

// sight is what a look at the server's end found.
type sight int

const (
	present   sight = iota // the end, and how far it got
	absent                 // no such end, now
	unseeable              // ends cannot be looked at here
)

// serverEnd is how far the server's end of a connection got.
type serverEnd struct {
	received uint64 // bytes that the kernel received for it, a FIN counting as one
	queue    uint32 // of those, how many were not read
	unsent   uint32 // bytes that were written to it, and that the client's kernel has not acknowledged
}

// verdict is what was decided about seeing a server's end; it is shared with who asks for it.
type verdict struct {
	seen atomic.Bool            // the end was found
	why  atomic.Pointer[string] // it was decided that it is not, for this reason
}

// blind says whether it was decided that the server's end cannot be seen.
func (v *verdict) blind() bool { return v.why.Load() != nil && !v.seen.Load() }

// found says whether the server's end was found.
func (v *verdict) found() bool { return v.seen.Load() }

// reason returns why it was decided that the server's end cannot be seen; "" when that was not decided.
func (v *verdict) reason() string {
	if why := v.why.Load(); why != nil {
		return *why
	}
	return ""
}

// decide says that the server's end cannot be seen, and why.
func (v *verdict) decide(why string) { v.why.Store(&why) }

// unwanted is why a connection with [Never] does not see the server's end.
const unwanted = "the options do not want it"
