package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Where a tcp_info has what is asked for: tcpi_bytes_received, which kernels before 4.1 do not fill, tcpi_notsent_bytes (4.6) and
// tcpi_bytes_sent (4.19).
const (
	receivedAt = int(unsafe.Offsetof(unix.TCPInfo{}.Bytes_received))
	waitingAt  = int(unsafe.Offsetof(unix.TCPInfo{}.Notsent_bytes))
	sentAt     = int(unsafe.Offsetof(unix.TCPInfo{}.Bytes_sent))
)

// EndpointLookup looks at one end of a connection, again and again. It is not for use by several goroutines at once.
type EndpointLookup struct {
	questions []question // in the family of the address, then v4-mapped; one, once the end was found
}

// LookUpEndpoint returns a lookup of the end that is at near and connected to far, of this network namespace. An end at an IPv4 address may be that
// of an IPv6 socket, and is found as well. The addresses are not v4-mapped and have no zone; nothing is looked at yet.
func LookUpEndpoint(near, far netip.AddrPort) *EndpointLookup {
	if near.Addr().Is4() {
		return &EndpointLookup{[]question{newEndQuestion(unix.AF_INET, near, far), newEndQuestion(unix.AF_INET6, near, far)}}
	}
	return &EndpointLookup{[]question{newEndQuestion(unix.AF_INET6, near, far)}}
}

// Look returns how far the end has got. The kernel reads the queue before the count of the bytes received, so that bytes that come in
// between are counted and not in the queue; and it reads what is unsent before what waits, which may be more while more is written. The
// error is [ErrNoEndpoint] where there is no such end now; any other means that the kernel cannot be asked.
func (l *EndpointLookup) Look() (Endpoint, error) {
	for i := range l.questions {
		e, err := l.questions[i].ask()
		if err == nil {
			l.questions = l.questions[i : i+1]
			return e, nil
		}
		if !errors.Is(err, ErrNoEndpoint) {
			return Endpoint{}, err
		}
	}
	return Endpoint{}, ErrNoEndpoint
}

// newEndQuestion returns the question for the end that is at near and connected to far, in the address family of its socket.
func newEndQuestion(family uint8, near, far netip.AddrPort) question {
	q := newQuestion(family, ^uint32(0), 0)
	q[unix.SizeofNlMsghdr+requestExt] = 1 << (attributeInfo - 1)
	id := q.id()
	binary.BigEndian.PutUint16(id[0:], near.Port())
	binary.BigEndian.PutUint16(id[2:], far.Port())
	putAddr(id[idSource:], family, near.Addr())
	putAddr(id[idDest:], family, far.Addr())
	binary.NativeEndian.PutUint64(id[idCookie:], ^uint64(0)) // INET_DIAG_NOCOOKIE
	return q
}

// ask puts the question to the kernel. It returns ErrNoEnd when there is no such end, or none that could have received
// anything; any other error means that the kernel cannot be asked.
func (q *question) ask() (Endpoint, error) {
	s, err := takeSocket()
	if err != nil {
		return Endpoint{}, err
	}
	reply, err := s.roundTrip(q)
	if err != nil {
		if errors.Is(err, unix.ENOENT) {
			s.giveBack()
			return Endpoint{}, ErrNoEndpoint
		}
		s.close()
		return Endpoint{}, err
	}
	e, err := q.parse(reply)
	s.giveBack()
	return e, err
}

// parse reads the answer to the question.
func (q *question) parse(reply message) (Endpoint, error) {
	if !reply.complete() {
		return Endpoint{}, fmt.Errorf("sock_diag: a reply of %d bytes", len(reply))
	}
	// Where there is no such connection the kernel may answer with the socket that listens on the port: its other port is 0.
	if !bytes.Equal(reply.id()[:idSource], q.id()[:idSource]) {
		return Endpoint{}, ErrNoEndpoint
	}
	info, ok := reply.attribute(attributeInfo)
	if !ok {
		return Endpoint{}, ErrNoEndpoint // a connection that is not made yet, or is over
	}
	if len(info) < receivedAt+8 {
		return Endpoint{}, errors.New("sock_diag: this kernel does not count the bytes received")
	}
	e := Endpoint{Received: binary.NativeEndian.Uint64(info[receivedAt:]), Queue: reply.queue(), Unsent: reply.unsent()}
	if len(info) >= sentAt+8 {
		e.Waiting, e.Sent = binary.NativeEndian.Uint32(info[waitingAt:]), binary.NativeEndian.Uint64(info[sentAt:])
	}
	return e, nil
}
