//go:build !linux

package target

import (
	"net"
	"strconv"
)

// bindable tells whether a server could bind a port on loopback.
func bindable(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(defaultHost, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
