package target

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// The parts of linux/inet_diag.h that x/sys has not.
const (
	stateListen   = 10 // TCP_LISTEN
	attrV6Only    = 11 // INET_DIAG_SKV6ONLY
	requestSize   = 56 // struct inet_diag_req_v2
	messageSize   = 72 // struct inet_diag_msg
	receiveBuffer = 32 << 10
	messagesMax   = 1 << 16 // as many as there can be listeners on a port, and more
)

// diagnose lists the sockets that listen on a port by asking the kernel, with
// one request for each address family.
func diagnose(port int) ([]listener, error) {
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
func dump(fd int, family byte, port int) ([]listener, error) {
	req := make([]byte, unix.SizeofNlMsghdr+requestSize)
	native := binary.NativeEndian
	native.PutUint32(req[0:], uint32(len(req)))
	native.PutUint16(req[4:], unix.SOCK_DIAG_BY_FAMILY)
	native.PutUint16(req[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := req[unix.SizeofNlMsghdr:]
	body[0], body[1] = family, unix.IPPROTO_TCP
	native.PutUint32(body[4:], 1<<stateListen)
	binary.BigEndian.PutUint16(body[8:], uint16(port))
	if err := unix.Sendto(fd, req, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	var found []listener
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
				if l, ok := parseDiag(m.Data, port); ok {
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

// parseDiag reads one answer; ok is false for one that is not meant.
func parseDiag(data []byte, port int) (l listener, ok bool) {
	if len(data) < messageSize || data[1] != stateListen || int(binary.BigEndian.Uint16(data[4:])) != port {
		return listener{}, false
	}
	switch data[0] {
	case unix.AF_INET:
		l.address = netip.AddrFrom4([4]byte(data[8:12]))
	case unix.AF_INET6:
		l.address = netip.AddrFrom16([16]byte(data[8:24])).Unmap()
	default:
		return listener{}, false
	}
	// Of a listener, the fields of the queues hold these.
	l.waiting = int(binary.NativeEndian.Uint32(data[56:]))
	l.backlog = int(binary.NativeEndian.Uint32(data[60:]))
	l.inode = uint64(binary.NativeEndian.Uint32(data[68:]))
	for rest := data[messageSize:]; len(rest) >= unix.SizeofNlAttr; {
		size := int(binary.NativeEndian.Uint16(rest))
		if size < unix.SizeofNlAttr || size > len(rest) {
			break
		}
		if binary.NativeEndian.Uint16(rest[2:]) == attrV6Only && size > unix.SizeofNlAttr {
			l.only6 = rest[unix.SizeofNlAttr] != 0
		}
		rest = rest[min((size+3)&^3, len(rest)):]
	}
	return l, true
}
