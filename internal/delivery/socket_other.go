//go:build !linux

package delivery

import (
	"errors"
	"io"
	"time"
)

// Read reads what is there, waiting for the first byte up to the read deadline. It returns io.EOF after the server's FIN.
func (s *tcpSocket) Read(b []byte) (int, error) {
	n, err := s.TCPConn.Read(b)
	switch {
	case errors.Is(err, io.EOF):
		s.fin.Store(true)
	case isReset(err):
		s.reset.Store(true)
	}
	return n, err
}

// ReadNow reads what is there, whatever the read deadline is, and returns os.ErrDeadlineExceeded where there is nothing: it waits no
// longer than a read that the system answers at once may take. Its other errors are those of read.
func (s *tcpSocket) ReadNow(b []byte) (int, error) {
	if err := s.TCPConn.SetReadDeadline(time.Now().Add(immediately)); err != nil {
		return 0, err
	}
	return s.Read(b)
}

// WriteMore hands b to the system, waiting up to the write deadline.
func (s *tcpSocket) WriteMore(b []byte, _ bool) (int, error) {
	n, err := s.TCPConn.Write(b)
	if isReset(err) && !s.fin.Load() {
		s.reset.Store(true)
	}
	return n, err
}

// peerClosed returns what was read: this system does not tell more.
func (s *tcpSocket) peerClosed() ServerEnd { return s.known() }

// Arrived is not ok: this system does not tell.
func (s *tcpSocket) Arrived() (bytes uint64, segments uint32, ok bool) { return 0, 0, false }

// Unacknowledged returns -1: this system does not tell.
func (s *tcpSocket) Unacknowledged() int { return -1 }

// SetsAcks says that this system cannot be told when to acknowledge.
const SetsAcks = false

// setAcks does nothing: this system does not let it be set.
func (s *tcpSocket) setAcks() {}

// RoundTrip returns 0: this system does not tell.
func (s *tcpSocket) RoundTrip() time.Duration { return 0 }
