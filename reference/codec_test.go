package reference_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Encode", Label("CODE"), func() {
	It("returns the UTF-8 bytes of a text", func() {
		Expect(reference.Encode("café")).To(Equal([]byte("caf\xc3\xa9")))
	})

	It("normalises nothing", func() {
		Expect(reference.Encode("cafe\u0301")).To(Equal([]byte("cafe\xcc\x81")))
	})
})

var _ = Describe("Decode", Label("CODE"), func() {
	DescribeTable("keeps", func(text string) {
		Expect(reference.Decode([]byte(text))).To(Equal(text))
	},
		Entry("nothing", ""),
		Entry("every length of character", "a\u00e9\u20ac\U0001f600"),
		Entry("a byte order mark", "\ufeffa"),
		Entry("U+FFFD that was sent", "\ufffd"),
		Entry("NUL and control characters", "\x00\x01\x7f"),
		Entry("both forms of é", "\u00e9e\u0301"),
		Entry("the last code point", "\U0010ffff"),
	)

	DescribeTable("refuses", func(msg string, complaint string) {
		text, err := reference.Decode([]byte(msg))
		Expect(text).To(BeEmpty())
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
		Expect(err).To(MatchError(ContainSubstring(complaint)))
	},
		Entry("a byte that begins nothing", "ab\xffc", "0xff at byte 2"),
		Entry("a cut character, and says where it begins", "a\xe2\x82", "0xe2 at byte 1"),
		Entry("an overlong slash", "\xc0\xaf", "at byte 0"),
		Entry("a surrogate", "é\xed\xa0\x80", "at byte 2"),
		Entry("what is above U+10FFFF", "\xf4\x90\x80\x80", "at byte 0"),
		Entry("a lone continuation behind U+FFFD", "\ufffd\x80", "0x80 at byte 3"),
	)
})
