package reference

import "net"

// A Request is a client's connection, from GetRequest to CloseRequest, with what
// the server knows of it. Requests are made by GetRequest alone.
type Request struct {
	conn net.Conn
	link *link
}

// NetConn returns the connection as the listener gave it, so that its options
// can be set. Who reads or writes it goes past the buffers of the handler.
func (r *Request) NetConn() net.Conn {
	return r.conn
}

// address returns the client's address as text.
func (r *Request) address() string {
	if r != nil && r.conn != nil && r.conn.RemoteAddr() != nil {
		return r.conn.RemoteAddr().String()
	}
	return "unknown"
}

// track takes r in. It returns false when the server is stopped.
func (s *TCPServer) track(r *Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopped() {
		return false
	}
	s.open[r] = struct{}{}
	return true
}

// isOpen says whether r is a connection of this server that was not closed yet.
func (s *TCPServer) isOpen(r *Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.open[r]
	return ok
}

// untrack lets r go. It returns false when that was done already.
func (s *TCPServer) untrack(r *Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.open[r]; !ok {
		return false
	}
	delete(s.open, r)
	s.checkEmpty()
	return true
}

// checkEmpty closes s.empty when the server is stopped and no connection is
// open. Nothing is tracked after that, so it happens once. s.mu is held.
func (s *TCPServer) checkEmpty() {
	if s.isStopped() && len(s.open) == 0 {
		close(s.empty)
	}
}
