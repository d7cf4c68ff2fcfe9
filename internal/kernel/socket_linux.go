package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// idleSockets is how many netlink sockets are kept for later questions.
const idleSockets = 8

// idle holds the netlink sockets that no question is using.
var idle = make(chan *diagSocket, idleSockets)

// diagSocket is a netlink socket for sock_diag, used for one question at a time.
type diagSocket struct {
	fd    int
	seq   uint32
	reply [8192]byte
}

// takeSocket returns a socket that no one else uses, a new one when none is idle. The caller gives it back or closes it.
func takeSocket() (*diagSocket, error) {
	select {
	case s := <-idle:
		return s, nil
	default:
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, os.NewSyscallError("netlink socket", err)
	}
	s := &diagSocket{fd: fd}
	// The kernel answers before the question's write returns; the limit is for kernels that do not answer at all.
	second := unix.Timeval{Sec: 1}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &second); err != nil {
		s.close()
		return nil, os.NewSyscallError("netlink setsockopt", err)
	}
	if err := unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		s.close()
		return nil, os.NewSyscallError("netlink connect", err)
	}
	return s, nil
}

// giveBack keeps the socket for the next question, or closes it when enough are idle.
func (s *diagSocket) giveBack() {
	select {
	case idle <- s:
	default:
		s.close()
	}
}

// close closes the socket.
func (s *diagSocket) close() { _ = unix.Close(s.fd) } // nothing is lost with it

// roundTrip sends the question and returns what answers it, which is valid until the next. An error that the
// kernel answers with is returned as the syscall.Errno that it is.
func (s *diagSocket) roundTrip(q *question) (message, error) {
	native := binary.NativeEndian
	s.seq++
	native.PutUint32(q[8:], s.seq)
	if err := again(func() error { _, err := unix.Write(s.fd, q[:]); return err }); err != nil {
		return nil, os.NewSyscallError("netlink write", err)
	}
	var n int
	err := again(func() (err error) { n, err = unix.Read(s.fd, s.reply[:]); return err })
	if err != nil {
		return nil, os.NewSyscallError("netlink read", err)
	}
	return parseReply(s.reply[:n], s.seq)
}

// parseReply takes the one message out of what was read in answer to the question of this number. Its errors are those of roundTrip.
func parseReply(b []byte, seq uint32) (message, error) {
	const least = unix.SizeofNlMsghdr + 4 // an error's number
	native := binary.NativeEndian
	if len(b) < least {
		return nil, fmt.Errorf("netlink: a message of %d bytes", len(b))
	}
	size := native.Uint32(b[0:])
	if size < least || uint64(size) > uint64(len(b)) {
		return nil, fmt.Errorf("netlink: a message of %d bytes in %d", size, len(b))
	}
	if native.Uint32(b[8:]) != seq {
		return nil, errors.New("netlink: a reply to another question")
	}
	switch kind := native.Uint16(b[4:]); kind {
	case unix.NLMSG_ERROR:
		return nil, unix.Errno(-int32(native.Uint32(b[unix.SizeofNlMsghdr:])))
	case unix.SOCK_DIAG_BY_FAMILY:
		return b[unix.SizeofNlMsghdr:size], nil
	default:
		return nil, fmt.Errorf("netlink: a message of type %d", kind)
	}
}

// again calls f until a signal does not interrupt it.
func again(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}
