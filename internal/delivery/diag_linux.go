package delivery

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The layout of linux/inet_diag.h and linux/netlink.h: offsets and sizes in bytes.
const (
	requestSize  = 16 + 56 // nlmsghdr and inet_diag_req_v2
	requestExt   = 16 + 2  // inet_diag_req_v2.idiag_ext
	requestState = 16 + 4  // .idiag_states
	requestID    = 16 + 8  // .id

	replyID     = 16 + 4  // inet_diag_msg.id
	replyQueue  = 16 + 56 // .idiag_rqueue
	replyUnsent = 16 + 60 // .idiag_wqueue
	replySize   = 16 + 72

	idSource = 4  // inet_diag_sockid.idiag_src
	idDest   = 20 // .idiag_dst
	idCookie = 40 // .idiag_cookie

	diagInfo = 2 // INET_DIAG_INFO: the attribute that holds a tcp_info
)

// receivedAt is the offset of tcpi_bytes_received in a tcp_info, which kernels before 4.1 do not fill.
const receivedAt = int(unsafe.Offsetof(unix.TCPInfo{}.Bytes_received))

// errNoEnd says that the kernel answered, and has no such end of a connection.
var errNoEnd = errors.New("no such end of a connection")

// question is a request to the kernel for one end of a connection.
type question [requestSize]byte

// newQuestion returns the question for the end that is at near and connected to far, in the address family of its socket.
func newQuestion(family uint8, near, far netip.AddrPort) question {
	var q question
	native := binary.NativeEndian
	native.PutUint32(q[0:], requestSize)
	native.PutUint16(q[4:], unix.SOCK_DIAG_BY_FAMILY)
	native.PutUint16(q[6:], unix.NLM_F_REQUEST)
	q[16] = family
	q[17] = unix.IPPROTO_TCP
	q[requestExt] = 1 << (diagInfo - 1)
	native.PutUint32(q[requestState:], ^uint32(0))
	id := q[requestID:]
	binary.BigEndian.PutUint16(id[0:], near.Port())
	binary.BigEndian.PutUint16(id[2:], far.Port())
	putAddr(id[idSource:], family, near.Addr())
	putAddr(id[idDest:], family, far.Addr())
	native.PutUint64(id[idCookie:], ^uint64(0)) // INET_DIAG_NOCOOKIE
	return q
}

// putAddr writes an address as sockets of the family know it: an IPv4 address in an IPv6 socket is v4-mapped.
func putAddr(b []byte, family uint8, a netip.Addr) {
	if family == unix.AF_INET {
		v4 := a.As4()
		copy(b, v4[:])
		return
	}
	v6 := a.As16()
	copy(b, v6[:])
}

// ask puts the question to the kernel. It returns errNoEnd when there is no such end, or none that could have received
// anything; any other error means that the kernel cannot be asked.
func (q question) ask() (serverEnd, error) {
	s, err := takeDiagSocket()
	if err != nil {
		return serverEnd{}, err
	}
	reply, err := s.roundTrip(&q)
	if err != nil {
		if errors.Is(err, unix.ENOENT) {
			s.giveBack()
			return serverEnd{}, errNoEnd
		}
		s.close()
		return serverEnd{}, err
	}
	e, err := q.parse(reply)
	s.giveBack()
	return e, err
}

// parse reads the answer to the question: an inet_diag_msg and its attributes.
func (q question) parse(reply []byte) (serverEnd, error) {
	if len(reply) < replySize {
		return serverEnd{}, fmt.Errorf("sock_diag: a reply of %d bytes", len(reply))
	}
	// Where there is no such connection the kernel may answer with the socket that listens on the port: its other port is 0.
	if [4]byte(reply[replyID:]) != [4]byte(q[requestID:]) {
		return serverEnd{}, errNoEnd
	}
	native := binary.NativeEndian
	e := serverEnd{queue: native.Uint32(reply[replyQueue:]), unsent: native.Uint32(reply[replyUnsent:])}
	for rest := reply[replySize:]; len(rest) >= 4; {
		size, kind := int(native.Uint16(rest)), native.Uint16(rest[2:])
		if size < 4 || size > len(rest) {
			break
		}
		if kind == diagInfo {
			info := rest[4:size]
			if len(info) < receivedAt+8 {
				return serverEnd{}, errors.New("sock_diag: this kernel does not count the bytes received")
			}
			e.received = native.Uint64(info[receivedAt:])
			return e, nil
		}
		rest = rest[min((size+3)&^3, len(rest)):]
	}
	return serverEnd{}, errNoEnd // a connection that is not made yet, or is over
}
