package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// view looks at the server's end of a connection by sock_diag.
type view struct {
	verdict
	mu     sync.Mutex // held while looking
	own    question   // the client's end, to see whether the kernel answers at all
	server []question // the server's end: in the family of the address, then v4-mapped; one, once it was found
}

// open prepares the questions and looks for the server's end the first time.
func (v *view) open(local, remote net.Addr, mode Mode) {
	if mode == Never {
		v.decide(unwanted)
		return
	}
	here, there := addrPort(local), addrPort(remote)
	if !here.IsValid() || !there.IsValid() {
		v.decide(fmt.Sprintf("the addresses %v and %v are not of TCP", local, remote))
		return
	}
	if there.Addr().Is4() {
		v.own = newQuestion(unix.AF_INET, here, there)
		v.server = []question{newQuestion(unix.AF_INET, there, here), newQuestion(unix.AF_INET6, there, here)}
	} else {
		v.own = newQuestion(unix.AF_INET6, here, there)
		v.server = []question{newQuestion(unix.AF_INET6, there, here)}
	}
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
func (v *view) look() (serverEnd, sight) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, q := range v.server {
		e, err := q.ask()
		switch {
		case err == nil:
			if !v.seen.Load() {
				v.server = []question{q}
				v.seen.Store(true)
			}
			return e, present
		case !errors.Is(err, errNoEnd):
			if v.seen.Load() { // it answered before: a passing trouble
				return serverEnd{}, absent
			}
			v.decide(fmt.Sprintf("the kernel does not show it: %v", err))
			return serverEnd{}, unseeable
		}
	}
	return serverEnd{}, absent
}

// giveUp decides that the server's end is not to be found. A kernel without the diagnosis of TCP says of every end that it
// does not exist; the client's own shows which it is.
func (v *view) giveUp() {
	if _, err := v.own.ask(); err != nil {
		v.decide(fmt.Sprintf("the kernel does not show it, nor the client's own end: %v", err))
		return
	}
	v.decide("it is not in this network namespace: another host, a container, or behind a translated address")
}
