package reference_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Reader", Label("READ"), func() {
	It("shares the read buffer with every other read", func() {
		h := over(newSegments("a\nbcd\x00\x02e", "fghi"), io.Discard)
		Expect(h.ReadLine()).To(Equal("a"))
		two := make([]byte, 2)
		Expect(h.Reader().Read(two)).To(Equal(2))
		Expect(two).To(BeEquivalentTo("bc"))
		Expect(h.Read(1)).To(Equal("d"))
		var length uint16
		Expect(binary.Read(h.Reader(), binary.BigEndian, &length)).To(Succeed())
		Expect(io.ReadAll(io.LimitReader(h.Reader(), int64(length)))).To(BeEquivalentTo("ef"))
		Expect(io.ReadAll(h.Reader())).To(BeEquivalentTo("ghi"))
		_, err := h.Read(1)
		Expect(err).To(Equal(io.EOF))
	})

	It("returns what is there, and does not wait for more", func() {
		p := make([]byte, 100)
		Expect(over(newSegments("abc", "de"), io.Discard).Reader().Read(p)).To(Equal(3))
	})

	It("reads nothing into nothing, without waiting", func() {
		Expect(over(nil, nil).Reader().Read(nil)).To(BeZero())
	})

	It("is closed with the handler", func() {
		h := reading("abc")
		Expect(h.Close()).To(Succeed())
		for _, p := range [][]byte{nil, make([]byte, 1)} {
			_, err := h.Reader().Read(p)
			Expect(err).To(Equal(reference.ErrClosed))
		}
	})
})

var _ = Describe("Writer", Label("SEND"), func() {
	It("shares the write buffer, and sends nothing by itself", func() {
		var out bytes.Buffer
		h := over(nil, &out)
		h.WriteContent("a")
		Expect(fmt.Fprintf(h.Writer(), "%d", 23)).To(Equal(2))
		Expect(io.WriteString(h.Writer(), "é")).To(Equal(2))
		h.WriteBytes([]byte("b"))
		Expect(out.Len()).To(BeZero(), "before Send")
		Expect(h.Send()).To(Succeed())
		Expect(out.String()).To(Equal("a23éb"))
	})

	It("returns the error of the next Send", func() {
		h := reference.NewStreamHandler(duplex{nil, io.Discard}, reference.Config{SendLimit: 3})
		_, err := io.Copy(h.Writer(), strings.NewReader("abcd"))
		Expect(err).To(Equal(reference.ErrSendLimit))
		Expect(h.Send()).To(Equal(reference.ErrSendLimit))
		Expect(h.Close()).To(Succeed())
		_, err = io.WriteString(h.Writer(), "e")
		Expect(err).To(Equal(reference.ErrClosed))
	})
})

var _ = Describe("ReadFull", Label("READ"), func() {
	It("returns exactly n bytes", func() {
		h := over(newSegments("he", "llo", "!"), io.Discard)
		Expect(h.ReadFull(5)).To(Equal("hello"))
		Expect(h.ReadFull(1)).To(Equal("!"))
		Expect(h.ReadFull(0)).To(BeEmpty())
	})

	It("tells the end of the stream, inside and before", func() {
		h := reading("abc")
		text, err := h.ReadFull(4)
		Expect(text).To(Equal("abc"))
		Expect(err).To(Equal(io.ErrUnexpectedEOF))
		text, err = h.ReadFull(4)
		Expect(text).To(BeEmpty())
		Expect(err).To(Equal(io.EOF))
	})

	It("tells a character that the end cuts", func() {
		text, err := reading("a\xc3").ReadFull(4)
		Expect(text).To(BeEmpty())
		Expect(err).To(MatchError(io.ErrUnexpectedEOF))
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
	})

	It("tells what n cuts from what the end cuts", func() {
		_, err := reading("é").ReadFull(1)
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
		Expect(err).NotTo(MatchError(io.ErrUnexpectedEOF))
	})

	It("refuses what Read refuses", func() {
		_, err := reading("a").ReadFull(-1)
		Expect(err).To(MatchError(reference.ErrLimit))
	})
})
