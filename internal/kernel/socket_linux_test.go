package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// reply is a netlink message of a type with a sequence number and content.
func reply(kind uint16, seq uint32, content []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(content)))
	b = append(b, native(kind, 0)...)
	b = binary.NativeEndian.AppendUint32(b, seq)
	return append(append(b, 0, 0, 0, 0), content...)
}

func TestAReply(t *testing.T) {
	t.Parallel()
	content := []byte("content!")
	m, err := parseReply(append(reply(unix.SOCK_DIAG_BY_FAMILY, 7, content), "what follows"...), 7)
	if err != nil || !bytes.Equal(m, content) {
		t.Errorf("%q, %v", m, err)
	}
	if m, err := parseReply(reply(unix.SOCK_DIAG_BY_FAMILY, 7, content[:4]), 7); err != nil || len(m) != 4 {
		t.Errorf("the least: %q, %v", m, err)
	}
	refused := binary.NativeEndian.AppendUint32(nil, uint32(0xffffffff-uint32(unix.ENOENT)+1)) // -ENOENT
	if m, err := parseReply(reply(unix.NLMSG_ERROR, 7, refused), 7); !errors.Is(err, unix.ENOENT) {
		t.Errorf("an error: %q, %v", m, err)
	}
}

func TestWhatIsNoReply(t *testing.T) {
	t.Parallel()
	sized := func(size uint32) []byte {
		b := reply(unix.SOCK_DIAG_BY_FAMILY, 7, []byte("content!"))
		binary.NativeEndian.PutUint32(b, size)
		return b
	}
	for name, b := range map[string][]byte{
		"nothing":                      {},
		"less than a header":           sized(15)[:15],
		"a header alone":               sized(16)[:16],
		"a header and three bytes":     sized(19)[:19],
		"a size of no header":          sized(0),
		"a size of less than an error": sized(19),
		"a size past the end":          sized(25),
		"a size far past the end":      sized(1<<32 - 1),
		"another question's":           reply(unix.SOCK_DIAG_BY_FAMILY, 8, []byte("content!")),
		"another question's error":     reply(unix.NLMSG_ERROR, 6, []byte{255, 255, 255, 255}),
		"the end of a dump":            reply(unix.NLMSG_DONE, 7, []byte{0, 0, 0, 0}),
		"another type":                 reply(19, 7, []byte("content!")),
	} {
		m, err := parseReply(b, 7)
		var errno unix.Errno
		if err == nil || errors.As(err, &errno) {
			t.Errorf("%s: %q, %v", name, m, err)
		}
	}
}

// FuzzReply: whatever a kernel may answer, a question is answered by an end, by ErrNoEnd or by another error.
func FuzzReply(f *testing.F) {
	q, answers := ours()
	f.Add(reply(unix.SOCK_DIAG_BY_FAMILY, 7, answers(attribute(attributeInfo, info(5)...))))
	f.Add(reply(unix.SOCK_DIAG_BY_FAMILY, 7, append(listening(), attribute(attributeV6Only, 1)...)))
	f.Add(reply(unix.NLMSG_ERROR, 7, []byte{254, 255, 255, 255}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseReply(b, 7)
		if err != nil {
			return
		}
		if e, err := q.parse(m); err != nil && e != (End{}) {
			t.Errorf("%+v with %v", e, err)
		}
		if l, ok := newListener(m, 8080); ok && !l.Address.IsValid() {
			t.Errorf("%+v", l)
		}
	})
}
