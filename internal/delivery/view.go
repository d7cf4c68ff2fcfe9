package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/streamspec/streamspec/internal/kernel"
)

// sight is what a look at the server's end found.
type sight int

const (
	present   sight = iota // the end, and how far it got
	absent                 // no such end, now
	unseeable              // ends cannot be looked at here
)

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

// view looks at the server's end of a connection.
type view struct {
	verdict
	mu     sync.Mutex                      // held while looking
	own    func() (kernel.Endpoint, error) // the client's end, to see whether the kernel answers at all
	server func() (kernel.Endpoint, error) // the server's end
}

// openTCP opens the view of a connection of the system.
func (v *view) openTCP(local, remote net.Addr, mode Mode) {
	switch here, there := addrPort(local), addrPort(remote); {
	case mode == Never:
		v.decide(unwanted)
	case !here.IsValid() || !there.IsValid():
		v.decide(fmt.Sprintf("the addresses %v and %v are not of TCP", local, remote))
	default:
		v.open(kernel.LookUpEndpoint(here, there).Look, kernel.LookUpEndpoint(there, here).Look)
	}
}

// open prepares the looks and looks for the server's end the first time.
func (v *view) open(own, server func() (kernel.Endpoint, error)) {
	v.own, v.server = own, server
	v.look()
}

// addrPort returns the address of a TCP end, a v4-mapped one as the IPv4 address that it stands for.
func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	p := tcp.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap().WithZone(""), p.Port())
}

// look asks for the server's end. When the kernel refuses to answer at all, that is decided for good.
func (v *view) look() (kernel.Endpoint, sight) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, err := v.server()
	switch {
	case err == nil:
		v.seen.Store(true)
		return e, present
	case errors.Is(err, kernel.ErrNoEndpoint), v.seen.Load(): // it answered before: a passing trouble
		return kernel.Endpoint{}, absent
	case errors.Is(err, kernel.ErrNotShown):
		v.decide(err.Error())
	default:
		v.decide(fmt.Sprintf("the kernel does not show it: %v", err))
	}
	return kernel.Endpoint{}, unseeable
}

// giveUp decides that the server's end is not to be found. A kernel without the diagnosis of TCP says of every end that it
// does not exist; the client's own shows which it is.
func (v *view) giveUp() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, err := v.own(); err != nil {
		v.decide(fmt.Sprintf("the kernel does not show it, nor the client's own end: %v", err))
		return
	}
	v.decide("it is not in this network namespace: another host, a container, or behind a translated address")
}
