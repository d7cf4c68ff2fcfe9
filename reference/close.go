package reference

import (
	"errors"
	"net"
)

// CloseRequest ends a connection that GetRequest returned in an orderly way,
// whatever its handler did, and returns when it is closed. The client gets the
// end of the stream at once, behind the last answer. Where input was left unread,
// closing would reset the connection and might destroy that answer; so the input
// is first read and discarded, until the client closes too, within
// Config.LingerTime and Config.LingerBytes. Closing twice is closing once.
func (s *TCPServer) CloseRequest(conn net.Conn) {
	s.mu.Lock()
	l := s.links[conn]
	s.mu.Unlock()
	if l == nil {
		return
	}
	if err := s.end(conn, l); err != nil && !errors.Is(err, net.ErrClosed) {
		s.cfg.Logger.Debug("closing failed", "client", address(conn), "error", err)
	}
	if s.untrack(conn) {
		s.freeSlot()
	}
}

// end closes conn, after lingering where input may be left unread.
func (s *TCPServer) end(conn net.Conn, l *link) error {
	if l.sawEnd() && !l.wasDrained() || s.cfg.LingerTime < 0 {
		return conn.Close()
	}
	quiet := s.cfg.LingerTime
	if l.wasDrained() { // an idle client must not hold up the stop
		quiet = min(quiet, drainQuiet)
	}
	if half, ok := conn.(halfCloser); ok && half.CloseWrite() == nil {
		linger(conn, s.cfg.LingerTime, quiet, s.cfg.LingerBytes)
	}
	return conn.Close()
}

// track takes conn in. It returns false when the server is stopped.
func (s *TCPServer) track(conn net.Conn, l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopped() {
		return false
	}
	s.links[conn] = l
	return true
}

// untrack lets conn go. It returns false when that was done already.
func (s *TCPServer) untrack(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.links[conn]; !ok {
		return false
	}
	delete(s.links, conn)
	s.checkEmpty()
	return true
}

// checkEmpty closes s.empty when the server is stopped and no connection is
// open. Nothing is tracked after that, so it happens once. s.mu is held.
func (s *TCPServer) checkEmpty() {
	if s.isStopped() && len(s.links) == 0 {
		close(s.empty)
	}
}
