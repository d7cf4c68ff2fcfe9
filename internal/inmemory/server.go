package inmemory

import (
	"net"
	"os"
	"slices"
	"syscall"
	"time"
)

// A Server is the server's end of a TCP: a net.Conn that can do what a server asks of a *net.TCPConn.
type Server struct{ c *TCP }

var (
	_ net.Conn     = (*Server)(nil)
	_ syscall.Conn = (*Server)(nil)
)

// Read waits for bytes, and returns io.EOF at the end of the client's stream.
func (s *Server) Read(b []byte) (int, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	e := &s.c.server
	for {
		if late(e.readBy) && !e.closed {
			return 0, os.ErrDeadlineExceeded
		}
		if n, err, ok := s.c.take(e, b); ok {
			return n, err
		}
		s.c.wait(e.readBy)
	}
}

// Peek returns the bytes that have arrived and were not read, and leaves them there.
func (s *Server) Peek() []byte {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	in := s.c.server.in
	return slices.Clone(in.bytes[:in.Arrived-in.read])
}

// Write waits for room, and sends b, in as many segments as there was room at once.
func (s *Server) Write(b []byte) (int, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for done := 0; ; {
		n, err := s.c.give(&s.c.server, b[done:], false)
		if done += n; done == len(b) || err != nil {
			return done, err
		}
		if n == 0 {
			s.c.wait(s.c.server.writeBy)
		}
	}
}

// CloseWrite sends a FIN.
func (s *Server) CloseWrite() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.c.halfClose(&s.c.server)
}

// Close closes the server's end: with a RST where bytes were not read, or SetLinger was told 0.
func (s *Server) Close() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.c.close(&s.c.server)
}

// Abort closes it with a RST.
func (s *Server) Abort() {
	_ = s.SetLinger(0)
	_ = s.Close() // closing twice is closing once
}

// SetLinger has Close send a RST where sec is 0; any other makes no difference here.
func (s *Server) SetLinger(sec int) error {
	s.c.Set(func() { s.c.server.abrupt = sec == 0 })
	return nil
}

// SetWriteBuffer sets how many bytes may be written that are not acknowledged.
func (s *Server) SetWriteBuffer(bytes int) error {
	s.c.Set(func() { s.c.Answer.SendBuffer = bytes })
	return nil
}

// SetReadBuffer sets how many bytes may arrive that were not read.
func (s *Server) SetReadBuffer(bytes int) error {
	s.c.Set(func() { s.c.Request.ReceiveBuffer = bytes })
	return nil
}

// SetNoDelay makes no difference: nothing waits for more to be sent with.
func (s *Server) SetNoDelay(bool) error { return nil }

// SyscallConn returns a [Raw].
func (s *Server) SyscallConn() (syscall.RawConn, error) { return Raw{s.c}, nil }

// SetDeadline sets both deadlines.
func (s *Server) SetDeadline(t time.Time) error {
	_ = s.SetReadDeadline(t) // the other tells of a close too
	return s.SetWriteDeadline(t)
}

// SetReadDeadline sets until when Read waits.
func (s *Server) SetReadDeadline(t time.Time) error {
	return s.c.setDeadline(&s.c.server, &s.c.server.readBy, t)
}

// SetWriteDeadline sets until when Write waits.
func (s *Server) SetWriteDeadline(t time.Time) error {
	return s.c.setDeadline(&s.c.server, &s.c.server.writeBy, t)
}

// LocalAddr returns the server's address.
func (s *Server) LocalAddr() net.Addr { return s.c.remote }

// RemoteAddr returns the client's address.
func (s *Server) RemoteAddr() net.Addr { return s.c.local }
