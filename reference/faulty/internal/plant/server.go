package plant

import (
	"context"
	"net"

	"github.com/streamspec/streamspec/reference"
)

// A Server is the reference server, whose fault ends when it does.
type Server struct {
	*reference.TCPServer
	changes *Changes
}

// NewServer returns the right server of the dialect, changed by plant. Of cfg, the
// Handler and Listen are its own.
func NewServer(plant func(*Changes), dialect string, right reference.Dialect, cfg reference.Config) *Server {
	c := New(plant, dialect, cfg)
	c.Config.Handler = c.handler(right)
	c.Config.Listen = c.Listen
	s := &Server{TCPServer: reference.NewTCPServer(c.Config), changes: c}
	c.kill = func() { _ = s.Close() }
	return s
}

// ServeForever serves as the right server does, or by what was planted in its place.
func (s *Server) ServeForever() error {
	if s.changes.Serve != nil {
		return s.changes.Serve(s.TCPServer.ServeForever)
	}
	return s.TCPServer.ServeForever()
}

// Serve is ServeForever on a listener that is open already, of which the fault changes what it accepts.
func (s *Server) Serve(l net.Listener) error {
	serve := func() error { return s.TCPServer.Serve(s.changes.wrapped(l)) }
	if s.changes.Serve != nil {
		return s.changes.Serve(serve)
	}
	return serve()
}

// Shutdown stops as the right server does, or by what was planted in its place.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.changes.Shutdown != nil {
		return s.changes.Shutdown(ctx, s.right)
	}
	return s.right(ctx)
}

// right shuts down as the right server does.
func (s *Server) right(ctx context.Context) error {
	s.changes.stop()
	return s.TCPServer.Shutdown(ctx)
}

// Close closes the server, and ends its fault.
func (s *Server) Close() error {
	s.changes.stop()
	return s.TCPServer.Close()
}
