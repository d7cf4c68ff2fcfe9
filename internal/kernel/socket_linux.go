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
	reply [32 << 10]byte // more than a message of the kernel ever holds
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
	if err := s.send(q); err != nil {
		return nil, err
	}
	b, err := s.receive()
	if err != nil {
		return nil, err
	}
	kind, content, _, err := cut(b, s.seq)
	if err == nil && kind != unix.SOCK_DIAG_BY_FAMILY {
		err = fmt.Errorf("netlink: a message of type %d", kind)
	}
	return content, err
}

// dump sends a question that may have many answers and calls each with every one, which is valid until it returns. Its errors
// are those of roundTrip.
func (s *diagSocket) dump(q *question, each func(m message)) error {
	if err := s.send(q); err != nil {
		return err
	}
	for range messagesMax {
		b, err := s.receive()
		if err != nil {
			return err
		}
		for len(b) > 0 {
			var kind uint16
			var content []byte
			if kind, content, b, err = cut(b, s.seq); err != nil {
				return err
			}
			switch kind {
			case unix.NLMSG_DONE:
				return nil
			case unix.SOCK_DIAG_BY_FAMILY:
				each(content)
			}
		}
	}
	return errors.New("netlink: a dump without an end")
}

// messagesMax is how many times a dump is received from: it is past as many listeners as there can be on a port.
const messagesMax = 1 << 16

// send sends the question under a number of its own.
func (s *diagSocket) send(q *question) error {
	s.seq++
	binary.NativeEndian.PutUint32(q[8:], s.seq)
	err := again(func() error { _, err := unix.Write(s.fd, q[:]); return err })
	return os.NewSyscallError("netlink write", err)
}

// receive returns what the kernel has answered: one message or several, valid until the next call.
func (s *diagSocket) receive() ([]byte, error) {
	var n int
	err := again(func() (err error) { n, err = unix.Read(s.fd, s.reply[:]); return err })
	return s.reply[:max(n, 0)], os.NewSyscallError("netlink read", err)
}

// cut takes the first message off what was received in answer to the question of this number, and returns its type, its content
// and what follows it. An error that the kernel answers with, be it at the end of a dump, is returned as the syscall.Errno that it is.
func cut(b []byte, seq uint32) (kind uint16, content, rest []byte, err error) {
	const least = unix.SizeofNlMsghdr + 4 // an error's number
	native := binary.NativeEndian
	if len(b) < least {
		return 0, nil, nil, fmt.Errorf("netlink: a message of %d bytes", len(b))
	}
	size := native.Uint32(b[0:])
	if size < least || uint64(size) > uint64(len(b)) {
		return 0, nil, nil, fmt.Errorf("netlink: a message of %d bytes in %d", size, len(b))
	}
	if native.Uint32(b[8:]) != seq {
		return 0, nil, nil, errors.New("netlink: a reply to another question")
	}
	kind, content = native.Uint16(b[4:]), b[unix.SizeofNlMsghdr:size]
	number := unix.Errno(-int32(native.Uint32(content)))
	if kind == unix.NLMSG_ERROR || kind == unix.NLMSG_DONE && number != 0 {
		return 0, nil, nil, number
	}
	return kind, content, b[min(uint64(size+3)&^3, uint64(len(b))):], nil
}

// again calls f until a signal does not interrupt it.
func again(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}
