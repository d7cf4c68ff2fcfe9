package reference

import (
	"context"
	"maps"
	"slices"
)

// Shutdown stops the server and lets the answers in progress finish. Nothing
// more is accepted, and the context of the handlers ends. A connection between two requests is ended at once: its
// handler waits for input, all that the kernel had received was consumed, and a
// Send has followed what was consumed; it sees the end of the stream. Any other
// handler goes on until it comes to that point or returns. When ctx ends first,
// the connections that are left are closed as they are, and Shutdown returns
// ctx's error without waiting for handlers that do not notice.
func (s *TCPServer) Shutdown(ctx context.Context) error {
	err := s.stop()
	for _, r := range s.requests() {
		r.link.drain()
	}
	select {
	case <-s.empty:
		return err
	default:
	}
	select {
	case <-s.empty:
		return err
	case <-ctx.Done():
		s.abort()
		return ctx.Err()
	}
}

// Close stops the server and closes its connections as they are. It does not
// wait for the handlers to notice.
func (s *TCPServer) Close() error {
	err := s.stop()
	s.abort()
	return err
}

// stop ends the accepting. Stopping twice is stopping once.
func (s *TCPServer) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopped() {
		return nil
	}
	s.cease(ErrServerClosed)
	s.checkEmpty()
	if s.listener == nil {
		return nil
	}
	return s.listener.Close()
}

// abort closes every connection. Their handlers, and those who linger, see
// net.ErrClosed.
func (s *TCPServer) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.open {
		_ = wire(r.conn).Close() // TLS itself would wait to say goodbye
	}
}

// requests returns the connections that are open.
func (s *TCPServer) requests() []*Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.open))
}
