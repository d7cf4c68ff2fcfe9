package reference

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
)

// A TCPServer accepts connections and runs a handler for each, side by side. It
// listens once, serves until Shutdown or Close, and is not used again.
type TCPServer struct {
	cfg   Config
	slots chan struct{}   // holds one token an open connection; nil means no limit
	ctx   context.Context // ends when nothing more is to be accepted; handlers see it
	cease context.CancelCauseFunc
	empty chan struct{} // closed when, after that, the last connection has ended

	mu       sync.Mutex
	listener net.Listener
	open     map[*Request]struct{}
}

// NewTCPServer returns a server that does as cfg says. It does not listen yet.
func NewTCPServer(cfg Config) *TCPServer {
	s := &TCPServer{
		cfg:   cfg.withDefaults(),
		empty: make(chan struct{}),
		open:  make(map[*Request]struct{}),
	}
	s.ctx, s.cease = context.WithCancelCause(context.Background())
	if s.cfg.MaxConnections > 0 {
		s.slots = make(chan struct{}, s.cfg.MaxConnections)
	}
	return s
}

// Listen binds the server's address. Clients can connect from then on; they are
// served by ServeForever. Listening again does nothing. When the address is
// taken, the error says so and wraps ErrAddressTaken; after Shutdown or Close it
// is ErrServerClosed.
func (s *TCPServer) Listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopped() {
		return ErrServerClosed
	}
	if s.listener != nil {
		return nil
	}
	l, err := s.cfg.Listen(s.cfg.Addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: %s: %w", ErrAddressTaken, s.cfg.Addr, err)
	case err != nil:
		return fmt.Errorf("reference: cannot listen on %s: %w", s.cfg.Addr, err)
	}
	s.listener = l
	return nil
}

// Addr returns the address that the server listens on, and nil before Listen.
func (s *TCPServer) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// ServeForever listens, if Listen was not called yet, and serves until Shutdown
// or Close. It never returns nil: after those it returns ErrServerClosed at once,
// while Shutdown still waits for the answers in progress.
func (s *TCPServer) ServeForever() error {
	if err := s.Listen(); err != nil {
		return err
	}
	for {
		r, err := s.GetRequest()
		if err != nil {
			return err
		}
		go func() {
			defer s.CloseRequest(r)
			s.ProcessRequest(r)
		}()
	}
}

// Serve is ServeForever on a listener that is open already, of TCP or of anything
// else that gives connections; TLS is served on one of tls.NewListener. The server
// closes it. A server that listens already refuses it, and after Shutdown or Close
// the error is ErrServerClosed; the listener is closed then too.
func (s *TCPServer) Serve(l net.Listener) error {
	if err := s.adopt(l); err != nil {
		return errors.Join(err, l.Close())
	}
	return s.ServeForever()
}

// adopt makes l the listener.
func (s *TCPServer) adopt(l net.Listener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopped() {
		return ErrServerClosed
	}
	if s.listener != nil {
		return fmt.Errorf("reference: already listening on %v", s.listener.Addr())
	}
	s.listener = l
	return nil
}

// isStopped says whether Shutdown or Close was called.
func (s *TCPServer) isStopped() bool {
	return s.ctx.Err() != nil
}
