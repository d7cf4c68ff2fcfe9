package reference

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"syscall"
)

// ProcessRequest runs the server's handler on a connection that GetRequest
// returned, and returns when the handler is done. Whatever the handler does, an
// error or a panic included, ends here: it is logged with the client's address.
func (s *TCPServer) ProcessRequest(conn net.Conn) {
	s.mu.Lock()
	l := s.links[conn]
	s.mu.Unlock()
	if l == nil {
		s.cfg.Logger.Error("not a connection of this server", "client", address(conn))
		return
	}
	defer s.logPanic(conn)
	if err := s.cfg.Handler.Handle(newStreamHandler(l, s.cfg)); err != nil {
		s.logError(conn, err)
	}
}

// logError logs why a handler failed. That a client left without a word is
// nobody's failure, and not worth a warning.
func (s *TCPServer) logError(conn net.Conn, err error) {
	for _, left := range []error{syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed, os.ErrDeadlineExceeded} {
		if errors.Is(err, left) {
			s.cfg.Logger.Debug("connection lost", "client", address(conn), "error", err)
			return
		}
	}
	s.cfg.Logger.Warn("handler failed", "client", address(conn), "error", err)
}

// logPanic takes a handler's panic, when there is one.
func (s *TCPServer) logPanic(conn net.Conn) {
	if cause := recover(); cause != nil {
		s.cfg.Logger.Error("handler panicked", "client", address(conn), "panic", fmt.Sprint(cause))
		s.cfg.Logger.Debug("handler panicked", "client", address(conn), "stack", string(debug.Stack()))
	}
}

// address returns the client's address as text.
func address(conn net.Conn) string {
	if addr := conn.RemoteAddr(); addr != nil {
		return addr.String()
	}
	return "unknown"
}
