package delivery

import (
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// The states of a TCP socket, from linux/tcp_states.h, in which the server's FIN was received.
const (
	stateClose     = 7
	stateCloseWait = 8
	stateLastAck   = 9
	stateClosing   = 11
)

// Read reads what is there, waiting for the first byte up to the read deadline. It returns io.EOF after the server's FIN,
// unix.ECONNRESET after its RST, also when another call was told of it, and the runtime's error for a deadline or a close.
func (s *tcpSocket) Read(b []byte) (n int, err error) {
	e := s.raw.Read(func(fd uintptr) bool {
		n, err = s.readOnce(fd, b)
		return err != unix.EAGAIN
	})
	if e != nil {
		return 0, e
	}
	return s.haveRead(n, err)
}

// ReadNow reads what is there, whatever the read deadline is; it waits for nothing, and returns os.ErrDeadlineExceeded where nothing is
// there. Its other errors are those of read.
func (s *tcpSocket) ReadNow(b []byte) (n int, err error) {
	e := s.raw.Control(func(fd uintptr) { n, err = s.readOnce(fd, b) })
	switch {
	case e != nil:
		return 0, e
	case err == unix.EAGAIN:
		return 0, os.ErrDeadlineExceeded
	}
	return s.haveRead(n, err)
}

// readOnce asks the kernel once.
func (s *tcpSocket) readOnce(fd uintptr, b []byte) (int, error) {
	s.ends.RLock()
	defer s.ends.RUnlock()
	n, err := tryAgain(func() (int, error) { return unix.Read(int(fd), b) })
	s.noteError(err)
	return n, err
}

// haveRead notes how the stream has ended where the kernel gave no bytes, and returns what was read.
func (s *tcpSocket) haveRead(n int, err error) (int, error) {
	switch {
	case err == unix.EPIPE:
		return 0, unix.ECONNRESET
	case err != nil:
		return 0, err
	case n > 0:
		s.setAcks()
		return n, nil
	}
	// Once another call was told of a RST, the kernel gives this one the end of the stream.
	s.ends.Lock()
	defer s.ends.Unlock()
	switch {
	case s.known() == RST:
		return 0, unix.ECONNRESET
	case s.known() == StillOpen && s.failure.Load() != 0:
		if info, ok := s.info(); !ok || !finReceived(info.State) {
			return 0, unix.Errno(s.failure.Load())
		}
	}
	s.fin.Store(true)
	return 0, io.EOF
}

// WriteMore hands the system as much of b as it takes, waiting up to the write deadline until it takes some. With more set,
// a last segment that is not full is held back.
func (s *tcpSocket) WriteMore(b []byte, more bool) (n int, err error) {
	flags := unix.MSG_NOSIGNAL
	if more {
		flags |= unix.MSG_MORE
	}
	e := s.raw.Write(func(fd uintptr) bool {
		s.ends.RLock()
		defer s.ends.RUnlock()
		n, err = tryAgain(func() (int, error) { return unix.SendmsgN(int(fd), b, nil, nil, flags) })
		s.noteError(err)
		return err != unix.EAGAIN
	})
	if e != nil {
		return 0, e
	}
	s.setAcks()
	return max(n, 0), err
}

// SetsAcks says that this system can be told when to acknowledge.
const SetsAcks = true

// setAcks tells the kernel when to acknowledge, which it remembers until it thinks better of it: it is told again and again.
func (s *tcpSocket) setAcks() {
	if s.acks == AcksAsUsual {
		return
	}
	atOnce := 0
	if s.acks == AcksAtOnce {
		atOnce = 1
	}
	_ = s.raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, atOnce) })
}

// noteError remembers the end of a connection that a call was told of; the kernel does not tell another. A RST that follows
// the server's FIN is told as EPIPE, and does not count.
func (s *tcpSocket) noteError(err error) {
	switch errno, _ := err.(unix.Errno); errno {
	case unix.ECONNRESET:
		s.reset.Store(true)
	case unix.ETIMEDOUT, unix.EHOSTUNREACH, unix.ENETUNREACH, unix.ECONNABORTED:
		s.failure.Store(int32(errno))
	}
}

// finReceived says whether a socket in this state has received a FIN; one that is closed may have as well.
func finReceived(state uint8) bool {
	return state == stateCloseWait || state == stateLastAck || state == stateClosing
}

// tryAgain calls f until a signal does not interrupt it.
func tryAgain(f func() (int, error)) (int, error) {
	for {
		if n, err := f(); err != unix.EINTR {
			return n, err
		}
	}
}

// info returns the kernel's account of the client's end; ok is false after a close.
func (s *tcpSocket) info() (info *unix.TCPInfo, ok bool) {
	var err error
	if e := s.raw.Control(func(fd uintptr) {
		info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); e != nil || err != nil {
		return nil, false
	}
	return info, true
}

// peerClosed asks the kernel how the server ended its stream.
func (s *tcpSocket) peerClosed() ServerEnd {
	if e := s.known(); e != StillOpen {
		return e
	}
	info, ok := s.info()
	if !ok {
		return StillOpen
	}
	return s.endIn(info)
}

// sight asks once for the end of the server's stream, and for how much of it has arrived: a look before each segment costs no more than the
// one at its end.
func (s *tcpSocket) sight() (end ServerEnd, arrived uint64, ok bool) {
	info, ok := s.info()
	if !ok || info.Segs_in == 0 || finReceived(info.State) || info.State == stateClose || s.known() != StillOpen {
		end = s.peerClosed() // first: what came before it has arrived then
		arrived, _, ok = s.Arrived()
		return end, arrived, ok
	}
	return StillOpen, info.Bytes_received, true
}

// endIn is how the server ended its stream, by an account in which that is not known yet.
func (s *tcpSocket) endIn(info *unix.TCPInfo) ServerEnd {
	switch {
	case finReceived(info.State):
		s.fin.Store(true)
		return FIN
	case info.State != stateClose:
		return StillOpen
	}
	// A socket is closed after a RST, and after the FINs of both sides. What tells them apart is its error, which the kernel
	// tells one call only.
	s.ends.Lock()
	defer s.ends.Unlock()
	if e := s.known(); e != StillOpen || s.failure.Load() != 0 {
		return e
	}
	var err error
	var number int
	if e := s.raw.Control(func(fd uintptr) {
		number, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
	}); e != nil || err != nil {
		return StillOpen
	}
	switch errno := unix.Errno(number); errno {
	case 0, unix.EPIPE: // EPIPE is a RST after a FIN
		s.fin.Store(true)
	case unix.ECONNRESET:
		s.reset.Store(true)
	default:
		s.failure.Store(int32(errno))
	}
	return s.known()
}

// Arrived returns what the kernel has received: see [Conn.Arrived].
func (s *tcpSocket) Arrived() (bytes uint64, segments uint32, ok bool) {
	info, ok := s.info()
	if !ok || info.Segs_in == 0 { // a connection has received a SYN; kernels before 4.2 do not count it
		return 0, 0, false
	}
	bytes = info.Bytes_received
	if bytes > 0 && (finReceived(info.State) || info.State == stateClose && s.peerClosed() == FIN) {
		bytes-- // the kernel counts a FIN as a byte
	}
	return bytes, info.Data_segs_in, true
}

// Unacknowledged returns how many bytes, a FIN counting as one, the server's kernel has not acknowledged; -1 after a close.
func (s *tcpSocket) Unacknowledged() int {
	n, err := 0, error(nil)
	if e := s.raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); e != nil || err != nil {
		return -1
	}
	return n
}

// RoundTrip returns the connection's smoothed round-trip time; 0 where the system does not tell.
func (s *tcpSocket) RoundTrip() time.Duration {
	info, ok := s.info()
	if !ok {
		return 0
	}
	return time.Duration(info.Rtt) * time.Microsecond
}

// answered is [Conn.Answered]: the kernel tells how many milliseconds ago both were.
func (s *tcpSocket) answered() (took time.Duration, ok bool) {
	info, ok := s.info()
	if !ok {
		return 0, false
	}
	return time.Duration(max(info.Last_data_sent, info.Last_data_recv)-info.Last_data_recv) * time.Millisecond, true
}

// acknowledge has the kernel acknowledge what it has received and the client has read. When it does so otherwise is set again with what
// is read or written next.
func (s *tcpSocket) acknowledge() {
	_ = s.raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
}

// account returns how many bytes the kernel has received, a FIN counting as one, and how many segments without bytes it has sent.
func (s *tcpSocket) account() (received uint64, acks uint32, ok bool) {
	info, ok := s.info()
	if !ok || info.Segs_out <= info.Data_segs_out { // a connection has sent a SYN; old kernels count the one or the other alone
		return 0, 0, false
	}
	return info.Bytes_received, info.Segs_out - info.Data_segs_out, true
}
