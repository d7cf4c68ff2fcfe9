package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// native returns numbers of two bytes in this machine's order.
func native(numbers ...uint16) (b []byte) {
	for _, n := range numbers {
		b = binary.NativeEndian.AppendUint16(b, n)
	}
	return b
}

// attribute returns an attribute, with the zeros that fill it up to four bytes.
func attribute(kind uint16, content ...byte) []byte {
	b := append(native(uint16(4+len(content)), kind), content...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

// listening is an answer of a socket that listens on [::]:8080.
func listening() message {
	m := make(message, messageSize)
	m[0], m[1], m[4], m[5] = unix.AF_INET6, stateListen, 0x1f, 0x90
	binary.NativeEndian.PutUint32(m[56:], 3)
	binary.NativeEndian.PutUint32(m[60:], 128)
	binary.NativeEndian.PutUint32(m[68:], 4711)
	return m
}

func TestAListenerIsReadFromAnAnswer(t *testing.T) {
	t.Parallel()
	want := Listener{Address: netip.IPv6Unspecified(), Waiting: 3, Backlog: 128, Inode: 4711}
	only6 := want
	only6.Only6 = true
	five := func(kind uint16) []byte { return append(native(5, kind), 1) } // without the zeros: the last may be so
	for name, c := range map[string]struct {
		attributes []byte
		want       Listener
	}{
		"without attributes":                    {nil, want},
		"for IPv6 alone":                        {attribute(attributeV6Only, 1), only6},
		"the last attribute not filled up":      {five(attributeV6Only), only6},
		"for both":                              {attribute(attributeV6Only, 0), want},
		"behind others":                         {slices.Concat(attribute(9, 1, 2, 3, 4, 5), attribute(3), attribute(attributeV6Only, 1)), only6},
		"another attribute":                     {attribute(12, 1), want},
		"an attribute of no size":               {native(0, attributeV6Only), want},
		"an attribute of less than its header":  {append(native(3, attributeV6Only), 1), want},
		"an attribute of no content":            {native(4, attributeV6Only), want},
		"an attribute past the end":             {append(native(6, attributeV6Only), 1), want},
		"an attribute far past the end":         {append(native(65535, attributeV6Only), 1), want},
		"half an attribute's header":            {[]byte{5, 0, 11}, want},
		"behind an attribute that cannot be":    {slices.Concat(native(3, 1), attribute(attributeV6Only, 1)), want},
		"behind one without its filling, ended": {append(native(5, 1), 1), want},
	} {
		if l, ok := newListener(append(listening(), c.attributes...), 8080); !ok || l != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, l, ok, c.want)
		}
	}
}

func TestAnAnswerOfAnotherKindIsNoListener(t *testing.T) {
	t.Parallel()
	for n := range messageSize {
		if l, ok := newListener(listening()[:n], 8080); ok {
			t.Errorf("%d bytes are %+v", n, l)
		}
	}
	for name, change := range map[string]func(m message){
		"another port":          func(m message) { m[5]++ },
		"the port of the other": func(m message) { m[4], m[5], m[6], m[7] = 0, 0, 0x1f, 0x90 },
		"a connection":          func(m message) { m[1] = 1 },
		"another family":        func(m message) { m[0] = unix.AF_UNIX },
	} {
		m := listening()
		change(m)
		if l, ok := newListener(m, 8080); ok {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestAddressesOfAListener(t *testing.T) {
	t.Parallel()
	for text, bytes := range map[string][]byte{
		"127.0.0.2":        {unix.AF_INET, 127, 0, 0, 2, 9, 9, 9, 9},
		"102:304::90a:b00": {unix.AF_INET6, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 9, 10, 11, 0},
		"127.0.0.3":        {unix.AF_INET6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 3}, // v4-mapped
	} {
		m := listening()
		m[0] = bytes[0]
		copy(m[8:], bytes[1:])
		if l, ok := newListener(m, 8080); !ok || l.Address != netip.MustParseAddr(text) {
			t.Errorf("%s: %+v, %v", text, l, ok)
		}
	}
}

// ours is a question for an end at 127.0.0.1:8080, and answers an answer to it with the attributes.
func ours() (q question, answers func(attributes ...[]byte) message) {
	q = newEndQuestion(unix.AF_INET, netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("127.0.0.2:40000"))
	return q, func(attributes ...[]byte) message {
		m := make(message, messageSize)
		m[0], m[1] = unix.AF_INET, 1
		copy(m[messageID:], q.id())
		binary.NativeEndian.PutUint32(m[56:], 3)
		binary.NativeEndian.PutUint32(m[60:], 128)
		return append(m, bytes.Join(attributes, nil)...)
	}
}

// info is a tcp_info's bytes up to and with the count of the bytes received.
func info(received uint64) []byte {
	return binary.NativeEndian.AppendUint64(make([]byte, 128), received)
}

// TestTheQuestion holds the bytes of a request against linux/inet_diag.h.
func TestTheQuestion(t *testing.T) {
	t.Parallel()
	near, far := netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("127.0.0.2:40000")
	want := slices.Concat(native(72, 0, 20, 1), make([]byte, 8), []byte{unix.AF_INET, unix.IPPROTO_TCP, 2, 0, 255, 255, 255, 255},
		[]byte{0x1f, 0x90, 0x9c, 0x40}, []byte{127, 0, 0, 1}, make([]byte, 12), []byte{127, 0, 0, 2}, make([]byte, 12),
		make([]byte, 4), bytes.Repeat([]byte{255}, 8))
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		want = slices.Concat(native(0, 72), want[4:])
	}
	if q := newEndQuestion(unix.AF_INET, near, far); !bytes.Equal(q[:], want) {
		t.Errorf("\n% x, want\n% x", q[:], want)
	}
	dump := slices.Concat(native(72, 0, 20, 0x301), make([]byte, 8), []byte{unix.AF_INET6, unix.IPPROTO_TCP, 0, 0, 0, 4, 0, 0},
		[]byte{0x1f, 0x90}, make([]byte, 46))
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		dump = slices.Concat(native(0, 72), dump[4:20], []byte{0, 0, 4, 0}, dump[24:])
	}
	if q := newDump(unix.AF_INET6, 8080); !bytes.Equal(q[:], dump) {
		t.Errorf("\n% x, want\n% x", q[:], dump)
	}
	six := newEndQuestion(unix.AF_INET6, near, far)
	mapped := append(append(make([]byte, 10), 255, 255), 127, 0, 0, 1)
	if six[16] != unix.AF_INET6 || !bytes.Equal(six.id()[4:20], mapped) || six.id()[35] != 2 {
		t.Errorf("v4-mapped: % x", six)
	}
}

func TestAnEndIsReadFromAnAnswer(t *testing.T) {
	t.Parallel()
	q, answers := ours()
	const large = 1<<32 + 5
	for name, m := range map[string]message{
		"alone":             answers(attribute(attributeInfo, info(large)...)),
		"behind another":    answers(attribute(1, 7, 7, 7), attribute(attributeInfo, info(large)...)),
		"of a newer kernel": answers(attribute(attributeInfo, append(info(large), make([]byte, 96)...)...)),
	} {
		if e, err := q.parse(m); err != nil || e != (Endpoint{Received: large, Queue: 3, Unsent: 128}) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	if e, err := q.parse(answers(attribute(attributeInfo, info(1)[:135]...))); err == nil || errors.Is(err, ErrNoEndpoint) {
		t.Errorf("a kernel that counts no bytes: %+v, %v", e, err)
	}
	for n := range messageSize {
		if e, err := q.parse(answers()[:n]); err == nil || errors.Is(err, ErrNoEndpoint) {
			t.Errorf("%d bytes: %+v, %v", n, e, err)
		}
	}
}

// TestNoEndIsReadFromAnAnswer that is of another socket, or of one that has received nothing and will not.
func TestNoEndIsReadFromAnAnswer(t *testing.T) {
	t.Parallel()
	q, answers := ours()
	right := attribute(attributeInfo, info(5)...)
	for i := range idSource { // the ports: of its own and of the other
		m := answers(right)
		m[messageID+i]++
		if e, err := q.parse(m); !errors.Is(err, ErrNoEndpoint) {
			t.Errorf("byte %d of the ports: %+v, %v", i, e, err)
		}
	}
	for name, m := range map[string]message{
		"without a tcp_info": answers(attribute(1, 7, 7, 7)),
		"without attributes": answers(),
	} {
		if e, err := q.parse(m); !errors.Is(err, ErrNoEndpoint) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}
