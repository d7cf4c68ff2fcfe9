package reference_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Encode", Label("CODE"), func() {
	It("returns the UTF-8 bytes of a text", Label("CODE-1"), func() {
		Expect(reference.Encode("café")).To(Equal([]byte("caf\xc3\xa9")))
	})

	It("normalises nothing", Label("CODE-5"), func() {
		Expect(reference.Encode("cafe\u0301")).To(Equal([]byte("cafe\xcc\x81")))
	})
})

var _ = Describe("Decode", Label("CODE"), func() {
	DescribeTable("keeps", func(text string) {
		Expect(reference.Decode([]byte(text))).To(Equal(text))
	},
		Entry("nothing", ""),
		Entry("every length of character", Label("CODE-4"), "a\u00e9\u20ac\U0001f600"),
		Entry("a byte order mark", Label("CODE-4"), "\ufeffa"),
		Entry("U+FFFD that was sent", "\ufffd"),
		Entry("NUL and control characters", "\x00\x01\x7f"),
		Entry("both forms of é", Label("CODE-5"), "\u00e9e\u0301"),
		Entry("the last code point", Label("CODE-4"), "\U0010ffff"),
	)

	DescribeTable("refuses", func(msg string, complaint string) {
		text, err := reference.Decode([]byte(msg))
		Expect(text).To(BeEmpty())
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
		Expect(err).To(MatchError(ContainSubstring(complaint)))
	},
		Entry("a byte that begins nothing", Label("CODE-3"), "ab\xffc", "0xff at byte 2"),
		Entry("a cut character, and says where it begins", Label("CODE-6"), "a\xe2\x82", "0xe2 at byte 1"),
		Entry("an overlong slash", Label("CODE-4"), "\xc0\xaf", "at byte 0"),
		Entry("a surrogate", Label("CODE-4"), "é\xed\xa0\x80", "at byte 2"),
		Entry("what is above U+10FFFF", Label("CODE-4"), "\xf4\x90\x80\x80", "at byte 0"),
		Entry("a lone continuation behind U+FFFD", "\ufffd\x80", "0x80 at byte 3"),
	)
})
