package reference

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"syscall"
)

// ProcessRequest runs the server's handler on a connection that GetRequest
// returned, and returns when the handler is done. Over TLS it does the handshake
// first, within Config.IdleTime. Whatever the handler does, an error or a panic
// included, ends here: it is logged with the client's address. So is a request of
// another server, or one that was closed, for which nothing is run.
func (s *TCPServer) ProcessRequest(r *Request) {
	if !s.isOpen(r) {
		s.cfg.Logger.Error("not an open connection of this server", "client", r.address())
		return
	}
	defer s.logPanic(r)
	if err := r.link.handshake(); err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return // the client left before it, or the server was told to stop
	} else if err != nil {
		s.logError(r, "handshake failed", err)
		return
	}
	if err := s.cfg.Handler.Handle(newStreamHandler(r.link, s.cfg)); err != nil {
		s.logError(r, "handler failed", err)
	}
}

// logError logs what failed, and why. That a client left without a word is
// nobody's failure, and not worth a warning.
func (s *TCPServer) logError(r *Request, what string, err error) {
	for _, left := range []error{syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed, os.ErrDeadlineExceeded} {
		if errors.Is(err, left) {
			s.cfg.Logger.Debug("connection lost", "client", r.address(), "error", err)
			return
		}
	}
	s.cfg.Logger.Warn(what, "client", r.address(), "error", err)
}

// logPanic takes a handler's panic, when there is one.
func (s *TCPServer) logPanic(r *Request) {
	if cause := recover(); cause != nil {
		s.cfg.Logger.Error("handler panicked", "client", r.address(), "panic", fmt.Sprint(cause))
		s.cfg.Logger.Debug("handler panicked", "client", r.address(), "stack", string(debug.Stack()))
	}
}
