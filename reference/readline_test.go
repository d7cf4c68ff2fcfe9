package reference_test

import (
	"io"
	"strings"
	"testing/iotest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("ReadLine", Label("LINE"), func() {
	It("ends a line at LF, which is no part of it", Label("LINE-1"), func() {
		h := over(newSegments("on", "e\ntw", "o\n"), io.Discard)
		Expect(h.ReadLine()).To(Equal("one"))
		Expect(h.ReadLine()).To(Equal("two"))
	})

	DescribeTable("strips and ends", func(input, want string) {
		Expect(reading(input).ReadLine()).To(Equal(want))
	},
		Entry("ASCII white space at both ends, none inside", Label("LINE-2"), " \t\v\f\ra \t b\v\f\r \n", "a \t b"),
		Entry("CR LF", Label("LINE-3"), "a\r\n", "a"),
		Entry("a last line without LF", Label("LINE-4"), "a", "a"),
		Entry("not at a lone CR", Label("LINE-9"), "a\rb\n", "a\rb"),
		Entry("not at VT and FF", "a\vb\fc\n", "a\vb\fc"),
		Entry("not at NEL, U+2028 and U+2029", Label("LINE-10"), "a\u0085b\u2028c\u2029\n", "a\u0085b\u2028c\u2029"),
		Entry("no Unicode spaces", Label("LINE-10"), "\u00a0a\u3000\n", "\u00a0a\u3000"),
		Entry("no NUL and no other control bytes", Label("LINE-7"), "\x00a\x1c\x1f\x7f\n", "\x00a\x1c\x1f\x7f"),
	)

	It("tells an empty line from the end of the stream by io.EOF", Label("LINE-8"), func() {
		h := reading("\n \r\n")
		Expect(h.ReadLine()).To(BeEmpty())
		Expect(h.ReadLine()).To(BeEmpty())
		for range 2 {
			text, err := h.ReadLine()
			Expect(text).To(BeEmpty())
			Expect(err).To(Equal(io.EOF))
		}
	})

	DescribeTable("at the limit", Label("LINE-5"), func(length int, want ...int) {
		h := reading(strings.Repeat("a", length) + "\n")
		for _, n := range want {
			Expect(h.ReadLine()).To(HaveLen(n))
		}
		_, err := h.ReadLine()
		Expect(err).To(Equal(io.EOF))
	},
		Entry("one below, with the LF", 65534, 65534),
		Entry("at it, with the LF", 65535, 65535),
		Entry("at it, the LF left for the next call", 65536, 65536, 0),
		Entry("above it, in pieces", 200000, 65536, 65536, 65536, 200000-3*65536),
	)

	It("has the limit that the server was given", Label("LINE-5"), func() {
		h := reference.NewStreamHandler(duplex{strings.NewReader("abcdef\n"), nil}, reference.Config{LineLimit: 4})
		Expect(h.ReadLine()).To(Equal("abcd"))
		Expect(h.ReadLine()).To(Equal("ef"))
	})

	It("takes a limit from the caller, and counts bytes before stripping", Label("LINE-6"), func() {
		h := reading("  abc\ndef\n")
		Expect(h.ReadLineLimit(3)).To(Equal("a"))
		Expect(h.ReadLineLimit(3)).To(Equal("bc"))
		Expect(h.ReadLineLimit(100)).To(Equal("def"))
	})

	It("does not touch the connection for a limit of 0", Label("LINE-6"), func() {
		h := over(iotest.ErrReader(io.ErrClosedPipe), io.Discard)
		Expect(h.ReadLineLimit(0)).To(BeEmpty())
	})

	It("does not wait for more than the limit", Label("LINE-5"), func() {
		h := over(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrClosedPipe)), io.Discard)
		Expect(h.ReadLineLimit(3)).To(Equal("abc"))
	})

	It("consumes a line that is not UTF-8", func() {
		h := reading(" a\xff\nb\n")
		_, err := h.ReadLine()
		Expect(err).To(MatchError(ContainSubstring("0xff at byte 1")))
		Expect(h.ReadLine()).To(Equal("b"))
	})

	It("refuses a character that the limit cuts", Label("CODE-6"), func() {
		_, err := reading("€\n").ReadLineLimit(2)
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
	})

	It("loses nothing to an error that passes", func() {
		h := over(iotest.TimeoutReader(newSegments("ab", "c\n")), io.Discard)
		_, err := h.ReadLine()
		Expect(err).To(Equal(iotest.ErrTimeout))
		Expect(h.ReadLine()).To(Equal("abc"))
	})

	It("grows by less than 16 MiB for a line of 64 MiB", Label("ROBU"), func() {
		out := &meter{}
		endless := io.LimitReader(repeating('a'), 64<<20)
		Expect(reference.Line.Handle(over(endless, out))).To(Succeed())
		Expect(out.total).To(Equal(64<<20+1024), "1024 pieces, each answered with its LF")
		Expect(out.highest - out.first).To(BeNumerically("<", 16<<20))
	})
})

// repeating is an endless reader of one byte.
type repeating byte

func (b repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}
