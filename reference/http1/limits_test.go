package http1_test

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// An endless client sends a text, and then another for ever, or so many bytes of it.
type endless struct {
	first, then string
	at          int
	taken       int
	most        int // 0 is for ever
	writes      int
	peak        uint64 // the most that was alive on the heap at every 1,000th read
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.taken++; e.taken%1000 == 1 {
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		e.peak = max(e.peak, now.HeapAlloc)
	}
	if e.most > 0 && e.at >= e.most {
		return 0, io.EOF
	}
	for n < len(p) {
		from := e.first
		if e.at >= len(e.first) {
			from = e.then[(e.at-len(e.first))%len(e.then):]
		} else {
			from = from[e.at:]
		}
		m := copy(p[n:], from)
		n, e.at = n+m, e.at+m
	}
	return n, nil
}

func (e *endless) Write(p []byte) (int, error) {
	e.writes += len(p)
	return len(p), nil
}

var _ = Describe("What a client can make the handler read", func() {
	DescribeTable("is bounded where it never ends:", Label("HREQ-5", "HREQ-7", "HFLD-16", "HCHK-14"), func(most int, first, then string) {
		e := &endless{first: first, then: then}
		Expect(http1.Demo.Handle(reference.NewStreamHandler(e, reference.Config{}))).To(Succeed())
		Expect(e.at).To(BeNumerically("<=", len(first)+2*most+1024), "a buffer has twice as much room at most")
		Expect(e.writes).To(BeNumerically(">", 0), "it was refused")
	},
		Entry("a method", http1.DefaultLine, "", "Z"),
		Entry("a target", http1.DefaultLine, "GET /", "a"),
		Entry("a field", http1.DefaultFields, "GET / HTTP/1.1\r\n", "a"),
		Entry("fields", http1.DefaultFields, "GET / HTTP/1.1\r\n", "a:\r\n"),
		Entry("a size", http1.DefaultExtensions, post("", chunked), "0"),
		Entry("an extension", http1.DefaultExtensions, post("1", chunked), ";a=b"),
		Entry("extensions", 2*http1.DefaultExtensions, post("", chunked), "1;a=b\r\na\r\n"),
		Entry("a trailer", http1.DefaultFields, post("0\r\n", chunked), "a"),
		Entry("trailers", http1.DefaultFields, post("0\r\n", chunked), "a:\r\n"),
		Entry("content", http1.DefaultBody, post("", chunked), "1000\r\n"+strings.Repeat("a", 4096)+"\r\n"),
		Entry("a body that nobody reads", http1.DefaultDrain, request("POST", "/x", "", chunked), "1000\r\n"+strings.Repeat("a", 4096)+"\r\n"),
	)

	It("is forgotten when it waits for the next request", func() {
		c := &client{left: []string{post("", "Content-Length: 60000"), strings.Repeat("b", 30000), strings.Repeat("b", 30000)}}
		Expect(http1.Demo.Handle(over(c))).To(Succeed())
		Expect(c.asked).To(BeTrue())
		Expect(c.room).To(BeNumerically("<=", 2<<10), "the buffer of a request of 60,000 bytes is given back")
	})

	It("passes through little memory", func() {
		const size = 64 << 20
		e := &endless{first: post("", "Content-Length: 67108864"), then: "abcd", most: size}
		h := serving(func(w *http1.Answer, r *http1.Request) error {
			_, err := io.Copy(w, r.Body)
			return err
		})
		h.Limits.Body = -1
		e.most += len(e.first)
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		Expect(h.Handle(reference.NewStreamHandler(e, reference.Config{}))).To(Succeed())
		Expect(e.writes).To(BeNumerically(">", size))
		Expect(e.peak - min(e.peak, before.HeapAlloc)).To(BeNumerically("<", 1<<20))
	})
})

// timeless is a connection whose deadlines never come.
type timeless struct {
	io.Reader
	io.Writer
}

func (timeless) SetReadDeadline(time.Time) error  { return nil }
func (timeless) SetWriteDeadline(time.Time) error { return nil }

// TestAllocations: a request takes four pieces of memory, for itself and its answer, its line, its fields, and their
// texts. All else is used again.
func TestAllocations(t *testing.T) {
	if underRace {
		t.Skip("pools keep nothing for sure under the race detector")
	}
	const requests = 1000
	pipeline := strings.Repeat(get("/", "User-Agent: a", "Accept: */*"), requests)
	h := serving(func(w *http1.Answer, r *http1.Request) error { return w.Text(200, "hello") })
	n := testing.AllocsPerRun(5, func() {
		if err := h.Handle(reference.NewStreamHandler(timeless{strings.NewReader(pipeline), io.Discard}, reference.Config{})); err != nil {
			t.Fatal(err)
		}
	})
	if each := n / requests; each > 4.1 { // those of the connection are no more than a hundred
		t.Errorf("a request takes %.2f allocations, want 4", each)
	}
}
