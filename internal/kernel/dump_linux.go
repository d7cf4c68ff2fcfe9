package kernel

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// diagnose lists the sockets that listen on a port by asking the kernel, with
// one request for each address family.
func diagnose(port int) ([]Listener, error) {
	s, err := takeSocket()
	if err != nil {
		return nil, err
	}
	var found []Listener
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		q := newDump(family, port)
		err := s.dump(&q, func(m message) {
			if l, ok := newListener(m, port); ok {
				found = append(found, l)
			}
		})
		switch {
		case err == nil:
		case family == unix.AF_INET6 && (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EAFNOSUPPORT)): // a machine without IPv6
		default:
			s.close() // answers may be left in it
			return nil, err
		}
	}
	s.giveBack()
	return found, nil
}

// newDump returns the question for the sockets of a family that listen on a port.
func newDump(family uint8, port int) question {
	q := newQuestion(family, 1<<stateListen, unix.NLM_F_DUMP)
	binary.BigEndian.PutUint16(q.id(), uint16(port))
	return q
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
