package inmemory

import "io"

// The sizes of a connection's buffers, in bytes.
const (
	SendBuffer    = 128 << 10
	ReceiveBuffer = 128 << 10
	// Room is how much is written until nothing goes any more, where nothing is read.
	Room = SendBuffer + ReceiveBuffer
)

// A Stream is one direction of a connection: bytes, and whether a FIN follows them.
type Stream struct {
	SendBuffer    int  // how many bytes may be written that are not acknowledged
	ReceiveBuffer int  // how many may arrive that are not read
	Lost          bool // what is sent from now on does not arrive
	InLumps       bool // the sender is told of room when half of the receive buffer was read, or all that has come, as by a kernel

	// Written, Arrived and Acknowledged count the bytes that were.
	Written, Arrived, Acknowledged int

	from, to *end
	bytes    []byte // that were written, and not read
	store    []byte // where they are
	corked   int    // bytes that wait for the FIN
	sent     int    // bytes that have left
	read     int    // bytes that were read
	telling  int    // of those, how many the sender is told of, as there is room for others; and how many it knows of
	told     int
	segments uint32 // that brought bytes
	cut      bool   // a RST has ended it: nothing more is sent

	finWritten, finSent, finArrived, finAcknowledged bool
	fin                                              bool // it was read
}

func newStream(from, to *end) Stream {
	return Stream{SendBuffer: SendBuffer, ReceiveBuffer: ReceiveBuffer, from: from, to: to}
}

// count returns the bytes and the FIN as a kernel counts them.
func count(bytes int, fin bool) int {
	if fin {
		return bytes + 1
	}
	return bytes
}

// queue returns what has arrived and was not read.
func (s *Stream) queue() int { return count(s.Arrived, s.finArrived) - count(s.read, s.fin) }

// unacknowledged returns what was written and not acknowledged.
func (s *Stream) unacknowledged() int {
	return count(s.Written, s.finWritten) - count(s.Acknowledged, s.finAcknowledged)
}

// put takes what there is room for of b.
func (s *Stream) put(b []byte) int {
	n := min(len(b), max(s.SendBuffer-(s.Written-s.Acknowledged), 0))
	if need := len(s.bytes) + n; need > cap(s.bytes) && need <= cap(s.store)/2 {
		s.bytes = append(s.store[:0], s.bytes...) // in place of what was read
	}
	s.bytes = append(s.bytes, b[:n]...)
	if cap(s.bytes) > cap(s.store) {
		s.store = s.bytes
	}
	s.Written += n
	return n
}

// next returns what can leave now as one segment: so many bytes, and a FIN behind the last of all.
func (s *Stream) next() (n int, fin bool) {
	if s.cut {
		return 0, false
	}
	n = max(min(s.Written-s.corked-s.sent, s.ReceiveBuffer-(s.sent-s.told)), 0)
	return n, s.finWritten && !s.finSent && s.sent+n == s.Written
}

// tell says how many more bytes the sender is told of that were read.
func (s *Stream) tell() int {
	n := s.read - s.telling
	if s.InLumps && n < s.ReceiveBuffer/2 && s.read < s.Arrived {
		return 0
	}
	s.telling += n
	return n
}

// get reads what has arrived into b; it returns io.EOF at the end, and ok where there was anything to read.
func (s *Stream) get(b []byte) (n int, err error, ok bool) {
	n = min(len(b), s.Arrived-s.read)
	if n == 0 && s.finArrived && s.Arrived == s.read {
		s.fin = true
		return 0, io.EOF, true
	}
	n = copy(b, s.bytes[:n])
	s.bytes = s.bytes[n:]
	s.read += n
	if n > 0 && s.Arrived == s.read {
		s.fin = s.finArrived // the kernel counts a FIN that joined unread bytes as read with the last of them
	}
	return n, nil, n > 0
}
