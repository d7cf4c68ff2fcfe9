//go:build !linux

package delivery

import "net"

// view would look at the server's end of a connection; this system does not show it.
type view struct{ verdict }

// open decides that the server's end cannot be seen.
func (v *view) open(_, _ net.Addr, mode Mode) {
	if mode == Never {
		v.decide(unwanted)
		return
	}
	v.decide("this system does not show the server's end of a connection")
}

// look sees nothing.
func (v *view) look() (serverEnd, sight) { return serverEnd{}, unseeable }

// giveUp has nothing left to decide.
func (v *view) giveUp() {}
