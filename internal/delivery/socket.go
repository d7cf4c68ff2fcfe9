package delivery

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// socket is the client's end of a connection, and what its kernel knows. The real one is *tcpSocket. Its methods may be called
// at the same time by several goroutines.
type socket interface {
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error

	// read returns what is there, waiting for the first byte up to the read deadline. Its error is io.EOF after the server's
	// FIN, a reset (isReset) after its RST, os.ErrDeadlineExceeded, net.ErrClosed, or the system's.
	read(b []byte) (int, error)
	// readNow is read that waits for nothing, whatever the deadline is: it returns os.ErrDeadlineExceeded where nothing is there.
	readNow(b []byte) (int, error)
	// write hands over as much of b as the kernel takes, waiting up to the write deadline until it takes some. With more set, a
	// last segment that is not full is held back for the FIN.
	write(b []byte, more bool) (int, error)

	CloseWrite() error // sends a FIN
	Close() error
	abort() error // closes with a RST

	// peerClosed returns how the server ended its stream, whether or not it was read that far.
	peerClosed() ServerEnd
	// arrived is [Conn.Arrived].
	arrived() (bytes uint64, segments uint32, ok bool)
	// unacknowledged returns how many bytes, a FIN counting as one, the server's kernel has not acknowledged; -1 after a close,
	// and where the system does not tell.
	unacknowledged() int
	// roundTrip returns the connection's smoothed round-trip time; 0 where the system does not tell.
	roundTrip() time.Duration

	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

// tcpSocket is a socket of the system.
type tcpSocket struct {
	*net.TCPConn
	raw syscall.RawConn

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

// abort closes the connection with a RST instead of a FIN.
func (s *tcpSocket) abort() error { return abort(s.TCPConn) }

// abort closes the connection with a RST instead of a FIN.
func abort(tcp *net.TCPConn) error {
	lingerErr := tcp.SetLinger(0)
	if err := tcp.Close(); err != nil {
		return err
	}
	return lingerErr
}
