package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// content is that of a message.
var content = []byte("content!")

// reply is a netlink message of a type with a sequence number and content.
func reply(kind uint16, seq uint32, content []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(content)))
	b = append(b, native(kind, 0)...)
	b = binary.NativeEndian.AppendUint32(b, seq)
	return append(append(b, 0, 0, 0, 0), content...)
}

// number is a message's content that says how the kernel fared.
func number(errno unix.Errno) []byte {
	return binary.NativeEndian.AppendUint32(nil, -uint32(errno))
}

func TestAMessageIsCutOff(t *testing.T) {
	t.Parallel()
	follows := reply(unix.NLMSG_DONE, 7, number(0))
	for n := 4; n <= len(content); n++ { // the message behind begins at a multiple of four bytes
		b := append(reply(unix.SOCK_DIAG_BY_FAMILY, 7, content[:n]), make([]byte, (8-n)%4)...)
		for _, behind := range [][]byte{nil, follows} {
			kind, got, rest, err := cut(append(slices.Clip(b), behind...), 7)
			if err != nil || kind != unix.SOCK_DIAG_BY_FAMILY || !bytes.Equal(got, content[:n]) || !bytes.Equal(rest, behind) {
				t.Errorf("%d bytes: type %d, %q before % x, %v", n, kind, got, rest, err)
			}
		}
	}
	if _, got, rest, err := cut(reply(unix.SOCK_DIAG_BY_FAMILY, 7, content[:5]), 7); err != nil || len(got) != 5 || len(rest) != 0 {
		t.Errorf("not filled up: %q before % x, %v", got, rest, err)
	}
	if kind, _, rest, err := cut(follows, 7); err != nil || kind != unix.NLMSG_DONE || len(rest) != 0 {
		t.Errorf("the end: type %d before % x, %v", kind, rest, err)
	}
	for _, kind := range []uint16{unix.NLMSG_ERROR, unix.NLMSG_DONE} {
		if _, _, _, err := cut(reply(kind, 7, number(unix.ENOENT)), 7); err != unix.ENOENT {
			t.Errorf("an error of type %d: %v", kind, err)
		}
	}
}

func TestWhatIsNoMessage(t *testing.T) {
	t.Parallel()
	sized := func(size uint32) []byte {
		b := reply(unix.SOCK_DIAG_BY_FAMILY, 7, content)
		binary.NativeEndian.PutUint32(b, size)
		return b
	}
	for name, b := range map[string][]byte{
		"nothing":                      {},
		"less than a header":           sized(15)[:15],
		"a header alone":               sized(16)[:16],
		"a header and three bytes":     sized(19)[:19],
		"a size of nothing":            sized(0),
		"a size of less than an error": sized(19),
		"a size past the end":          sized(25),
		"a size far past the end":      sized(1<<32 - 1),
		"another question's":           reply(unix.SOCK_DIAG_BY_FAMILY, 8, content),
		"another question's error":     reply(unix.NLMSG_ERROR, 6, number(unix.ENOENT)),
	} {
		_, got, _, err := cut(b, 7)
		if errno := unix.Errno(0); err == nil || errors.As(err, &errno) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// kernelSays returns a socket at whose other end the kernel has answered with the datagrams, to the question that is sent next.
func kernelSays(t *testing.T, datagrams ...[]byte) *diagSocket {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range datagrams {
		if _, err := unix.Write(fds[1], d); err != nil {
			t.Fatal(err)
		}
	}
	soon := unix.Timeval{Usec: 1000} // for an answer that does not come
	if err := unix.SetsockoptTimeval(fds[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &soon); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = unix.Close(fds[0]), unix.Close(fds[1]) })
	return &diagSocket{fd: fds[0], seq: 6}
}

func TestARoundTrip(t *testing.T) {
	t.Parallel()
	q := newDump(unix.AF_INET, 8080)
	s := kernelSays(t, reply(unix.SOCK_DIAG_BY_FAMILY, 7, content), reply(unix.SOCK_DIAG_BY_FAMILY, 8, content[:4]))
	for i, want := range [][]byte{content, content[:4]} { // each has a number of its own
		if m, err := s.roundTrip(&q); err != nil || !bytes.Equal(m, want) || q[8] != byte(7+i) {
			t.Errorf("%q, %v", m, err)
		}
	}
	for name, c := range map[string]struct {
		says []byte
		want error
	}{
		"the end of a dump": {reply(unix.NLMSG_DONE, 7, number(0)), nil},
		"another type":      {reply(19, 7, content), nil},
		"an error":          {reply(unix.NLMSG_ERROR, 7, number(unix.EPERM)), unix.EPERM},
	} {
		if m, err := kernelSays(t, c.says).roundTrip(&q); err == nil || c.want != nil && err != c.want {
			t.Errorf("%s: %q, %v", name, m, err)
		}
	}
	if m, err := kernelSays(t).roundTrip(&q); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("no answer: %q, %v", m, err)
	}
}

func TestADump(t *testing.T) {
	t.Parallel()
	one := func(n int) []byte { return reply(unix.SOCK_DIAG_BY_FAMILY, 7, content[:n]) }
	done := reply(unix.NLMSG_DONE, 7, number(0))
	for name, c := range map[string]struct {
		says  [][]byte
		sizes []int
		want  error
	}{
		"nothing":                    {[][]byte{done}, nil, nil},
		"in one datagram":            {[][]byte{slices.Concat(one(4), one(8), done)}, []int{4, 8}, nil},
		"in several":                 {[][]byte{slices.Concat(one(4), one(8)), one(4), done}, []int{4, 8, 4}, nil},
		"with what is not asked for": {[][]byte{slices.Concat(one(4), reply(19, 7, content), one(8)), done}, []int{4, 8}, nil},
		"what follows the end":       {[][]byte{slices.Concat(one(4), done, one(8)), one(8)}, []int{4}, nil},
		"an error":                   {[][]byte{one(4), reply(unix.NLMSG_ERROR, 7, number(unix.EPERM)), done}, []int{4}, unix.EPERM},
		"an error at its end":        {[][]byte{one(4), reply(unix.NLMSG_DONE, 7, number(unix.ENOENT))}, []int{4}, unix.ENOENT},
		"without an end":             {[][]byte{one(4)}, []int{4}, unix.EAGAIN},
	} {
		var sizes []int
		q := newDump(unix.AF_INET, 8080)
		err := kernelSays(t, c.says...).dump(&q, func(m message) { sizes = append(sizes, len(m)) })
		if !errors.Is(err, c.want) || !slices.Equal(sizes, c.sizes) {
			t.Errorf("%s: %v, %v; want %v, %v", name, sizes, err, c.sizes, c.want)
		}
	}
	q := newDump(unix.AF_INET, 8080)
	if err := kernelSays(t, reply(unix.SOCK_DIAG_BY_FAMILY, 6, content)).dump(&q, func(message) {}); err == nil {
		t.Error("another question's answer passes")
	}
}

// FuzzReply: whatever a kernel may answer, a question is answered by an end, by ErrNoEnd or by another error, and what is left is shorter.
func FuzzReply(f *testing.F) {
	q, answers := ours()
	f.Add(reply(unix.SOCK_DIAG_BY_FAMILY, 7, answers(attribute(attributeInfo, info(5)...))))
	f.Add(slices.Concat(reply(unix.SOCK_DIAG_BY_FAMILY, 7, append(listening(), attribute(attributeV6Only, 1)...)), reply(unix.NLMSG_DONE, 7, number(0))))
	f.Add(reply(unix.NLMSG_ERROR, 7, number(unix.ENOENT)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			_, content, rest, err := cut(b, 7)
			if err != nil {
				return
			}
			if len(rest) >= len(b) {
				t.Fatalf("%d bytes are left of %d", len(rest), len(b))
			}
			if e, err := q.parse(content); err != nil && e != (Endpoint{}) {
				t.Errorf("%+v with %v", e, err)
			}
			if l, ok := newListener(content, 8080); ok && !l.Address.IsValid() {
				t.Errorf("%+v", l)
			}
			b = rest
		}
	})
}
