package reference_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/reference"
)

// A line costs no allocation beyond the text that is returned.
func TestReadLineAllocations(t *testing.T) {
	h := over(&cycle{text: "a line of text\r\n"}, io.Discard)
	if n := testing.AllocsPerRun(10_000, func() { _, _ = h.ReadLine() }); n != 1 {
		t.Errorf("ReadLine allocates %v times a line, want once, for the text", n)
	}
	if n := testing.AllocsPerRun(10_000, func() { _, _ = h.ReadLineBytes(65536) }); n != 0 {
		t.Errorf("ReadLineBytes allocates %v times a line, want never", n)
	}
}

// An answer costs no allocation once the buffers have grown.
func TestSendAllocations(t *testing.T) {
	h := over(strings.NewReader(""), io.Discard)
	n := testing.AllocsPerRun(10_000, func() {
		h.WriteContent("an answer\n")
		_ = h.Send()
	})
	if n != 0 {
		t.Errorf("WriteContent and Send allocate %v times an answer, want never", n)
	}
}

func BenchmarkReadLine(b *testing.B) {
	text := "a line of text, about as long as lines are: some seventy bytes of it\r\n"
	h := over(&cycle{text: text}, io.Discard)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.ReadLine(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadLineBytes(b *testing.B) {
	text := "a line of text, about as long as lines are: some seventy bytes of it\r\n"
	h := over(&cycle{text: text}, io.Discard)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.ReadLineBytes(65536); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEchoPingPong(b *testing.B) {
	server := reference.NewTCPServer(reference.Config{Handler: reference.Echo})
	if err := server.Listen(); err != nil {
		b.Fatal(err)
	}
	served := serve(server)
	defer func() {
		_ = server.Close()
		<-served
	}()
	conn, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	message := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(message); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, message); err != nil {
			b.Fatal(err)
		}
	}
}

// cycle is an endless reader of one text, cut where the buffer ends.
type cycle struct {
	text string
	at   int
}

func (c *cycle) Read(p []byte) (int, error) {
	for n := 0; ; {
		m := copy(p[n:], c.text[c.at:])
		c.at = (c.at + m) % len(c.text)
		if n += m; n == len(p) {
			return n, nil
		}
	}
}
