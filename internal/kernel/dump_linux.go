package kernel

import (
	"encoding/binary"
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	receiveBuffer = 32 << 10
	messagesMax   = 1 << 16 // as many as there can be listeners on a port, and more
)

// diagnose lists the sockets that listen on a port by asking the kernel, with
// one request for each address family.
func diagnose(port int) ([]Listener, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	second := unix.Timeval{Sec: 1}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &second); err != nil {
		return nil, err
	}
	found, err := dump(fd, unix.AF_INET, port)
	if err != nil {
		return nil, err
	}
	six, err := dump(fd, unix.AF_INET6, port)
	if err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EAFNOSUPPORT) {
		return nil, err
	}
	return append(found, six...), nil
}

// dump asks for the listening sockets of one family on a port.
func dump(fd int, family byte, port int) ([]Listener, error) {
	req := make([]byte, unix.SizeofNlMsghdr+requestSize)
	native := binary.NativeEndian
	native.PutUint32(req[0:], uint32(len(req)))
	native.PutUint16(req[4:], unix.SOCK_DIAG_BY_FAMILY)
	native.PutUint16(req[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := req[unix.SizeofNlMsghdr:]
	putRequest(body, family, 1<<stateListen)
	binary.BigEndian.PutUint16(body[requestID:], uint16(port))
	if err := unix.Sendto(fd, req, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	var found []Listener
	buf := make([]byte, receiveBuffer)
	for range messagesMax {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		messages, err := syscall.ParseNetlinkMessage(buf[:n])
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			switch m.Header.Type {
			case unix.NLMSG_DONE:
				return found, nil
			case unix.NLMSG_ERROR:
				return nil, netlinkError(m.Data)
			case unix.SOCK_DIAG_BY_FAMILY:
				if l, ok := newListener(m.Data, port); ok {
					found = append(found, l)
				}
			}
		}
	}
	return nil, unix.EMSGSIZE
}

// netlinkError reads the errno of an error message.
func netlinkError(data []byte) error {
	if len(data) < 4 {
		return unix.EBADMSG
	}
	return unix.Errno(-int32(binary.NativeEndian.Uint32(data)))
}

// newListener returns what an answer says of a socket that listens on the port; ok is false for one that is not meant.
func newListener(m message, port int) (l Listener, ok bool) {
	if !m.complete() || m.state() != stateListen || m.port() != port {
		return Listener{}, false
	}
	if l.Address, ok = m.source(); !ok {
		return Listener{}, false
	}
	// Of a listener, the fields of the queues hold these.
	l.Waiting, l.Backlog = int(m.queue()), int(m.unsent())
	l.Inode = uint64(m.inode())
	if only6, ok := m.attribute(attributeV6Only); ok && len(only6) > 0 {
		l.Only6 = only6[0] != 0
	}
	return l, true
}
