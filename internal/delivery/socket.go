package delivery

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Socket is the client's end of a connection, and what its kernel knows. The system's is *tcpSocket. Its methods may be called
// at the same time by several goroutines.
type Socket interface {
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error

	// Read returns what is there, waiting for the first byte up to the read deadline. Its error is io.EOF after the server's
	// FIN, a reset (isReset) after its RST, os.ErrDeadlineExceeded, net.ErrClosed, or the system's.
	Read(b []byte) (int, error)
	// ReadNow is Read that waits for nothing, whatever the deadline is: it returns os.ErrDeadlineExceeded where nothing is there.
	ReadNow(b []byte) (int, error)
	// WriteMore hands over as much of b as the kernel takes, waiting up to the write deadline until it takes some. With more set, a
	// last segment that is not full is held back for the FIN.
	WriteMore(b []byte, more bool) (int, error)

	CloseWrite() error // sends a FIN
	Close() error
	Abort() error // closes with a RST

	// Ended says whether the server ended its stream, whether or not it was read that far: by a FIN, or by a RST that no FIN came
	// before.
	Ended() (fin, reset bool)
	// Arrived is [Conn.Arrived].
	Arrived() (bytes uint64, segments uint32, ok bool)
	// Unacknowledged returns how many bytes, a FIN counting as one, the server's kernel has not acknowledged; -1 after a close,
	// and where the system does not tell.
	Unacknowledged() int
	// RoundTrip returns the connection's smoothed round-trip time; 0 where the system does not tell.
	RoundTrip() time.Duration

	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

// tcpSocket is a socket of the system.
type tcpSocket struct {
	*net.TCPConn
	raw  syscall.RawConn
	acks Acks

	// ends orders what the kernel tells once only: an error of the connection goes to the first call that asks. A call that
	// may be given it holds ends for reading until the flags below are set; who judges an end holds it for writing.
	ends    sync.RWMutex
	fin     atomic.Bool  // the server's FIN was seen
	reset   atomic.Bool  // the server's RST was seen; after a FIN it does not count
	failure atomic.Int32 // the errno of another end of the connection, such as ETIMEDOUT
}

// known returns the end of the server's stream as far as it was seen.
func (s *tcpSocket) known() ServerEnd {
	switch {
	case s.fin.Load():
		return FIN
	case s.reset.Load():
		return RST
	}
	return StillOpen
}

// Abort closes the connection with a RST instead of a FIN.
func (s *tcpSocket) Abort() error { return abort(s.TCPConn) }

// Ended says how the server ended its stream.
func (s *tcpSocket) Ended() (fin, reset bool) {
	e := s.peerClosed()
	return e == FIN, e == RST
}

// abort closes the connection with a RST instead of a FIN.
func abort(tcp *net.TCPConn) error {
	lingerErr := tcp.SetLinger(0)
	if err := tcp.Close(); err != nil {
		return err
	}
	return lingerErr
}
