package reference_test

import (
	"io"
	"strings"
	"testing/iotest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("ReadRawLine", Label("LINE"), func() {
	It("returns lines as they came, however they are cut", func() {
		h := over(newSegments(" on", "e\r", "\n", "\n\ttwo \n"), io.Discard)
		for _, want := range []string{" one\r\n", "\n", "\ttwo \n"} {
			Expect(h.ReadRawLine(100)).To(BeEquivalentTo(want))
		}
		_, err := h.ReadRawLine(100)
		Expect(err).To(Equal(io.EOF))
	})

	It("tells its limit, and consumes nothing then", func() {
		h := over(newSegments("ab", "cd", "\nef\n"), io.Discard)
		_, err := h.ReadRawLine(4)
		Expect(err).To(Equal(reference.ErrLongLine))
		Expect(h.ReadRawLine(5)).To(BeEquivalentTo("abcd\n"))
		Expect(h.ReadRawLine(3)).To(BeEquivalentTo("ef\n"))
	})

	It("does not wait for more than its limit", func() {
		h := over(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrClosedPipe)), io.Discard)
		_, err := h.ReadRawLine(3)
		Expect(err).To(Equal(reference.ErrLongLine))
	})

	It("tells a line that the stream ends in, and consumes nothing then", func() {
		h := reading("abc")
		for range 2 {
			_, err := h.ReadRawLine(100)
			Expect(err).To(Equal(io.ErrUnexpectedEOF))
		}
		Expect(h.ReadLine()).To(Equal("abc"))
	})

	It("refuses a limit that is out of range, and reads nothing after Close", func() {
		h := reading("abc\n")
		_, err := h.ReadRawLine(-1)
		Expect(err).To(MatchError(reference.ErrLimit))
		Expect(h.Close()).To(Succeed())
		_, err = h.ReadRawLine(100)
		Expect(err).To(Equal(reference.ErrClosed))
	})

	It("loses nothing to an error that passes", func() {
		h := over(iotest.TimeoutReader(newSegments("ab", "c\n")), io.Discard)
		_, err := h.ReadRawLine(100)
		Expect(err).To(Equal(iotest.ErrTimeout))
		Expect(h.ReadRawLine(100)).To(BeEquivalentTo("abc\n"))
	})
})

var _ = Describe("PeekSome", Label("READ"), func() {
	It("leaves what it returns, and waits for no more", func() {
		h := over(newSegments("ab", "c"), io.Discard)
		Expect(h.PeekSome()).To(BeEquivalentTo("ab"))
		Expect(h.PeekSome()).To(BeEquivalentTo("ab"))
		Expect(h.Read(3)).To(Equal("abc"))
		_, err := h.PeekSome()
		Expect(err).To(Equal(io.EOF))
	})
})

var _ = Describe("Trim", func() {
	It("gives back what large requests and answers needed, and loses nothing", func() {
		h := over(io.MultiReader(io.LimitReader(repeating('a'), 60<<10), strings.NewReader("bc")), io.Discard)
		trimmed := func() int64 {
			before := liveHeap()
			h.Trim()
			return before - liveHeap()
		}
		Expect(h.Read(60 << 10)).To(HaveLen(60 << 10))
		liveHeap()
		Expect(trimmed()).To(BeNumerically(">", 50<<10), "the request's")
		for range 40 << 10 {
			h.WriteContent("d")
		}
		h.Trim()
		Expect(h.Send()).To(Succeed())
		Expect(trimmed()).To(BeNumerically(">", 30<<10), "the answer's")
		Expect(h.PeekSome()).To(BeEquivalentTo("bc"))
		h.Trim()
		Expect(h.Read(2)).To(Equal("bc"))
	})
})
