package target

import (
	"context"
	"net"
)

// Serve makes a target of a server in this process: it listens on a free port of 127.0.0.1 and has serve serve that listener, as
// http.Server's Serve does, until the target is closed. What serve returns is not looked at. The error is that of [net.Listen].
func Serve(serve func(net.Listener) error) (*Target, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { _ = serve(l) }() // which says that the listener was closed
	address := l.Addr().String()
	return InProcess(address, address, func(context.Context) error { return l.Close() }, nil, 0), nil
}
