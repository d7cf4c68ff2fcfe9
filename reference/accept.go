package reference

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// The waits between two tries to accept while the system is short of something:
// the first, and the longest that it doubles to.
const (
	firstBackOff = 5 * time.Millisecond
	longestWait  = time.Second
)

// GetRequest waits for a client and returns its connection, which the caller
// gives to ProcessRequest and then to CloseRequest. With Config.MaxConnections
// open it first waits for one of them to end. Errors that pass, such as a lack of
// descriptors, are waited out: 5 ms, and twice as long each time, up to a second.
// After Shutdown or Close it returns ErrServerClosed, before Listen an error, and
// any other error is the listener's.
func (s *TCPServer) GetRequest() (*Request, error) {
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		return nil, errors.New("reference: not listening")
	}
	if err := s.takeSlot(); err != nil {
		return nil, err
	}
	conn, err := s.accept(l)
	if err != nil {
		s.freeSlot()
		return nil, err
	}
	r := &Request{conn: conn, link: newLink(s.ctx, conn, s.cfg)}
	if !s.track(r) {
		s.freeSlot()
		return nil, errors.Join(ErrServerClosed, wire(conn).Close())
	}
	return r, nil
}

// accept accepts one connection and waits out errors that pass.
func (s *TCPServer) accept(l net.Listener) (net.Conn, error) {
	for wait := firstBackOff; ; wait = min(2*wait, longestWait) {
		conn, err := l.Accept()
		switch {
		case err == nil:
			return conn, nil
		case s.isStopped():
			return nil, ErrServerClosed
		case !passes(err):
			return nil, fmt.Errorf("reference: cannot accept: %w", err)
		}
		s.cfg.Logger.Warn("accept failed, trying again", "wait", wait, "error", err)
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
			return nil, ErrServerClosed
		}
	}
}

// passes says whether accepting may succeed after this error: when descriptors
// or memory are free again, or because it concerned one client alone.
func passes(err error) bool {
	for _, passing := range []error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EPROTO, syscall.EINTR,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// takeSlot waits until one more connection may be open.
func (s *TCPServer) takeSlot() error {
	if s.slots == nil {
		return nil
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-s.ctx.Done():
		return ErrServerClosed
	}
}

// freeSlot says that a connection has ended.
func (s *TCPServer) freeSlot() {
	if s.slots != nil {
		<-s.slots
	}
}
