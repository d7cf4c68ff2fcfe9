//go:build !linux

package target

import (
	"io"
	"net"
	"strconv"
)

// hold takes a block of ports. Here nothing keeps other processes out of it:
// that they begin elsewhere has to do.
func hold(int) (io.Closer, bool) { return nil, true }

// bindable tells whether a server could bind a port on loopback.
func bindable(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(defaultHost, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
