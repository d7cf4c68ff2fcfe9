package reference

import (
	"errors"
	"net"
)

// CloseRequest ends a connection that GetRequest returned in an orderly way,
// whatever its handler did, and returns when it is closed. The client gets the
// end of the stream at once, behind the last answer. Where input was left unread,
// closing would reset the connection (RFC 1122, section 4.2.2.13) and might
// destroy that answer; so the input is first read and discarded, until the client
// closes too, within Config.LingerTime and Config.LingerBytes. A connection that
// has no CloseWrite can end in both directions alone, and is closed. Closing
// twice is closing once; a request of another server is left as it is.
func (s *TCPServer) CloseRequest(r *Request) {
	if !s.isOpen(r) {
		return
	}
	if err := s.end(r); err != nil && !errors.Is(err, net.ErrClosed) {
		s.cfg.Logger.Debug("closing failed", "client", r.address(), "error", err)
	}
	if s.untrack(r) {
		s.freeSlot()
	}
}

// end closes the connection, after lingering where input may be left unread.
func (s *TCPServer) end(r *Request) error {
	if r.link.sawEnd() && !r.link.wasDrained() || s.cfg.LingerTime < 0 {
		return r.conn.Close()
	}
	quiet := s.cfg.LingerTime
	if r.link.wasDrained() { // an idle client must not hold up the stop
		quiet = min(quiet, drainQuiet)
	}
	if ended, _ := closeWrite(r.conn); ended {
		linger(wire(r.conn), s.cfg.LingerTime, quiet, s.cfg.LingerBytes)
	}
	return r.conn.Close()
}
