package reference_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Send", Label("SEND"), func() {
	var (
		out *bytes.Buffer
		h   *reference.StreamHandler
	)
	BeforeEach(func() {
		out = new(bytes.Buffer)
		h = over(strings.NewReader(""), out)
	})

	It("sends what was written, in order, once", Label("SEND-1", "SEND-2", "SEND-3", "CODE-1", "CODE-2"), func() {
		h.WriteContent("é")
		h.WriteBytes([]byte{0xff, 0})
		h.WriteContent("b")
		Expect(out.Len()).To(BeZero(), "before Send")
		Expect(h.Send()).To(Succeed())
		Expect(h.Send()).To(Succeed())
		Expect(out.Bytes()).To(Equal([]byte("é\xff\x00b")))
	})

	It("sends nothing where nothing was written", Label("SEND-4"), func() {
		h = over(nil, untouched{})
		Expect(h.Send()).To(Succeed())
		h.WriteContent("")
		h.WriteBytes(nil)
		Expect(h.Send()).To(Succeed())
	})

	It("sends 8 MiB to a slow reader, complete", Label("SEND-5"), func() {
		client, conn := net.Pipe()
		content := strings.Repeat("0123456789abcdef", 8<<20/16)
		sent := make(chan error, 1)
		go func() {
			h := reference.NewStreamHandler(conn, reference.Config{WriteTime: -1})
			h.WriteContent(content)
			sent <- errors.Join(h.Send(), conn.Close())
		}()
		answer, err := io.ReadAll(iotest.HalfReader(client))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(answer) == content).To(BeTrue(), "the answer differs")
		Eventually(sent).Should(Receive(BeNil()))
	})

	It("sends 10,000 small pieces, in order", Label("SEND-2", "SEND-6"), func() {
		want := ""
		for i := range 10_000 {
			piece := strconv.Itoa(i) + " "
			h.WriteContent(piece)
			want += piece
		}
		Expect(h.Send()).To(Succeed())
		Expect(out.String() == want).To(BeTrue(), "the pieces differ")
	})

	It("sends nothing by itself, whatever the buffer's size", Label("SEND-8"), func() {
		for range 1 << 10 {
			h.WriteBytes(make([]byte, 8<<10))
		}
		Expect(out.Len()).To(BeZero())
		Expect(h.Send()).To(Succeed())
		Expect(out.Len()).To(Equal(8 << 20))
	})

	It("keeps no reference to the bytes written", func() {
		content := []byte("abc")
		h.WriteBytes(content)
		content[0] = 'X'
		Expect(h.Send()).To(Succeed())
		Expect(out.String()).To(Equal("abc"))
	})

	It("refuses more than the limit, and drops it", func() {
		h = reference.NewStreamHandler(duplex{nil, out}, reference.Config{SendLimit: 3})
		h.WriteContent("abc")
		Expect(h.Send()).To(Succeed())
		h.WriteContent("ab")
		h.WriteContent("cd")
		h.WriteContent("e")
		Expect(h.Send()).To(MatchError(reference.ErrSendLimit))
		Expect(h.Send()).To(MatchError(reference.ErrSendLimit))
		Expect(out.String()).To(Equal("abc"))
	})

	It("never sends again what an error may have sent", Label("SEND-3"), func() {
		h = over(nil, failing{out})
		h.WriteContent("abc")
		Expect(h.Send()).To(MatchError(errPlanned))
		h.WriteContent("def")
		Expect(h.Send()).To(MatchError(errPlanned))
		Expect(out.String()).To(Equal("a"))
	})

	It("goes on while there is progress", func() {
		slow := &slowWriter{takes: []int{1, 2, 1}}
		h = reference.NewStreamHandler(slow, reference.Config{WriteTime: time.Hour})
		h.WriteContent("abcdef")
		Expect(h.Send()).To(Succeed())
		Expect(slow.String()).To(Equal("abcdef"))
	})

	It("fails when there is none for WriteTime", func() {
		slow := &slowWriter{takes: []int{2, 0}}
		h = reference.NewStreamHandler(slow, reference.Config{WriteTime: time.Hour})
		h.WriteContent("abcdef")
		err := h.Send()
		Expect(err).To(MatchError(os.ErrDeadlineExceeded))
		Expect(err).To(MatchError(ContainSubstring("nothing taken for 1h")))
		Expect(slow.String()).To(Equal("ab"))
	})

	It("takes a writer that writes too little for a failure", func() {
		h = over(nil, shortWriter{})
		h.WriteContent("abc")
		Expect(h.Send()).To(Equal(io.ErrShortWrite))
	})
})

var _ = Describe("Close", Label("SEND"), func() {
	It("drops what was not sent and refuses every later operation", Label("SEND-7"), func() {
		var out bytes.Buffer
		h := over(strings.NewReader("abc\n"), &out)
		h.WriteContent("unsent")
		Expect(h.Close()).To(Succeed())
		Expect(h.Close()).To(Succeed())
		h.WriteContent("late")
		Expect(h.Send()).To(MatchError(reference.ErrClosed))
		for _, read := range []func() (string, error){
			h.ReadLine,
			func() (string, error) { return h.Read(0) },
			func() (string, error) { some, err := h.ReadSome(); return string(some), err },
		} {
			text, err := read()
			Expect(text).To(BeEmpty())
			Expect(err).To(MatchError(reference.ErrClosed))
		}
		Expect(out.Len()).To(BeZero())
	})
})

var errPlanned = errors.New("planned")

// failing takes one byte and fails, every time.
type failing struct{ taken io.Writer }

func (w failing) Write(p []byte) (int, error) {
	n, _ := w.taken.Write(p[:1])
	return n, errPlanned
}

// untouched is a connection that nothing must be written to, not even nothing.
type untouched struct{}

func (untouched) Write([]byte) (int, error) { return 0, errPlanned }

// shortWriter takes one byte and sees no error in that.
type shortWriter struct{}

func (shortWriter) Write([]byte) (int, error) { return 1, nil }

// slowWriter is a connection whose deadline passes once for each entry of takes,
// after so many bytes.
type slowWriter struct {
	bytes.Buffer
	takes []int
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if len(w.takes) == 0 {
		return w.Buffer.Write(p)
	}
	n := w.takes[0]
	w.takes = w.takes[1:]
	w.Buffer.Write(p[:n])
	return n, os.ErrDeadlineExceeded
}

func (*slowWriter) SetReadDeadline(time.Time) error  { return nil }
func (*slowWriter) SetWriteDeadline(time.Time) error { return nil }

var _ = Describe("Grow", Label("SEND"), func() {
	It("makes room in one piece, and changes nothing", func() {
		var out bytes.Buffer
		h := over(nil, &out)
		h.WriteContent("a")
		h.Grow(4 << 10)
		Expect(testing.AllocsPerRun(1, func() {
			for range 1 << 10 {
				h.WriteContent("b")
			}
		})).To(BeZero())
		Expect(h.Send()).To(Succeed())
		Expect(out.String()).To(Equal("a" + strings.Repeat("b", 2<<10)))
	})

	It("makes room for no more than may wait", func() {
		h := reference.NewStreamHandler(duplex{nil, io.Discard}, reference.Config{SendLimit: 10})
		Expect(allocation(func() { h.Grow(64 << 20) })).To(BeNumerically("<", 1<<20))
		h.Grow(-1)
		h.WriteContent("0123456789")
		Expect(h.Send()).To(Succeed())
	})
})
