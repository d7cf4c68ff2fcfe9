package reference_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("the limits on time", func() {
	It("ends a connection that is silent for IdleTime, after what was answered", func() {
		inBubble(func(g Gomega) {
			failed := make(chan error, 1)
			server := inMemory(reference.Config{
				IdleTime: time.Second,
				Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
					err := reference.Line(h)
					failed <- err
					return err
				}),
			}, nil)
			defer server.close()
			conn := server.dial()
			defer conn.Close()
			began := time.Now()
			g.Expect(io.WriteString(conn, "a\nhel")).To(Equal(5))
			g.Expect(io.ReadAll(conn)).To(BeEquivalentTo("a\n"))
			g.Expect(time.Since(began)).To(Equal(time.Second))
			err := <-failed
			g.Expect(err).To(MatchError(os.ErrDeadlineExceeded))
			g.Expect(err).To(MatchError(HavePrefix("reference: no input for 1s: ")))
		})
	})

	It("fails a Send that makes no progress for WriteTime", func() {
		inBubble(func(g Gomega) {
			_, conn := inmemory.Pipe()
			h := reference.NewStreamHandler(conn, reference.Config{WriteTime: 20 * time.Millisecond})
			h.WriteContent("nobody reads this")
			began := time.Now()
			g.Expect(h.Send()).To(MatchError(HavePrefix("reference: nothing taken for 20ms: ")))
			g.Expect(time.Since(began)).To(Equal(20 * time.Millisecond))
		})
	})
})

var _ = Describe("SetReadDeadline", func() {
	It("bounds all waits of a call together, and loses nothing", func() {
		inBubble(func(g Gomega) {
			client, conn := inmemory.Pipe()
			defer client.Close()
			go drip(client, "abcde\n", 400*time.Millisecond)
			h := reference.NewStreamHandler(conn, reference.Config{IdleTime: time.Second})
			began := time.Now()
			g.Expect(h.SetReadDeadline(began.Add(time.Second))).To(Succeed())
			text, err := h.ReadLine()
			g.Expect(time.Since(began)).To(Equal(time.Second))
			g.Expect(text).To(BeEmpty())
			g.Expect(err).To(MatchError(os.ErrDeadlineExceeded))
			g.Expect(err).To(MatchError(HavePrefix("reference: too little input by the deadline: ")))
			g.Expect(h.Read(2)).To(Equal("ab"), "it needs no wait")
			g.Expect(h.SetReadDeadline(time.Time{})).To(Succeed())
			g.Expect(h.ReadLine()).To(Equal("cde"))
		})
	})

	It("leaves IdleTime as it is", func() {
		inBubble(func(g Gomega) {
			_, conn := inmemory.Pipe()
			h := reference.NewStreamHandler(conn, reference.Config{IdleTime: time.Second})
			g.Expect(h.SetReadDeadline(time.Now().Add(time.Hour))).To(Succeed())
			_, err := h.Reader().Read(make([]byte, 1))
			g.Expect(err).To(MatchError(HavePrefix("reference: no input for 1s: ")))
		})
	})

	It("holds where there is no IdleTime", func() {
		inBubble(func(g Gomega) {
			_, conn := inmemory.Pipe()
			h := reference.NewStreamHandler(conn, reference.Config{IdleTime: -1})
			began := time.Now()
			g.Expect(h.SetReadDeadline(began.Add(time.Hour))).To(Succeed())
			_, err := h.ReadSome()
			g.Expect(err).To(MatchError(os.ErrDeadlineExceeded))
			g.Expect(time.Since(began)).To(Equal(time.Hour))
		})
	})

	It("is refused where the connection has no deadlines", func() {
		h := over(strings.NewReader(""), io.Discard)
		Expect(h.SetReadDeadline(time.Now())).To(MatchError(errors.ErrUnsupported))
		Expect(h.SetSendDeadline(time.Now())).To(MatchError(errors.ErrUnsupported))
	})
})

var _ = Describe("SetSendDeadline", func() {
	It("ends a Send that goes on too long, for good", func() {
		inBubble(func(g Gomega) {
			client, conn := inmemory.Pipe()
			taken := make(chan string)
			go func() {
				var all strings.Builder
				for one := make([]byte, 1); ; time.Sleep(400 * time.Millisecond) {
					if _, err := client.Read(one); err != nil {
						taken <- all.String()
						return
					}
					all.Write(one)
				}
			}()
			h := reference.NewStreamHandler(conn, reference.Config{WriteTime: time.Second})
			began := time.Now()
			g.Expect(h.SetSendDeadline(began.Add(time.Second))).To(Succeed())
			h.WriteContent("abcdef")
			err := h.Send()
			g.Expect(time.Since(began)).To(Equal(time.Second))
			g.Expect(err).To(MatchError(os.ErrDeadlineExceeded))
			g.Expect(err).To(MatchError(HavePrefix("reference: not all was taken by the deadline: ")))
			g.Expect(h.SetSendDeadline(time.Time{})).To(Succeed())
			h.WriteContent("more")
			g.Expect(h.Send()).To(Equal(err))
			g.Expect(conn.Close()).To(Succeed())
			g.Expect(<-taken).To(Equal("abc"))
		})
	})
})

// drip sends a byte at a time, with a wait before each.
func drip(conn io.Writer, text string, wait time.Duration) {
	for i := range len(text) {
		time.Sleep(wait)
		_, _ = io.WriteString(conn, text[i:i+1])
	}
}
