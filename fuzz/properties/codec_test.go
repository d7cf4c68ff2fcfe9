package properties

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference"
)

// texts draws text of characters of every length.
var texts = rapid.StringOf(rapid.OneOf(
	rapid.SampledFrom([]rune("a\x00\n\r\u0085\u00a0\u00e9\u0301\u2028\ufeff\ufffd\U0001f600\U0010ffff")),
	rapid.Rune(),
))

// wrong draws a byte sequence that begins with a byte which begins no character,
// whatever comes behind it.
var wrong = rapid.SampledFrom([]string{
	"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
	"\xf4\x90\x80\x80", "\xf5", "\xff", "\xfe", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
})

// What is wrong is found where it stands, behind any text and before any.
func TestDecodeNamesTheFirstWrongByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, bad, after := texts.Draw(t, "before"), wrong.Draw(t, "wrong"), texts.Draw(t, "after")
		text, err := reference.Decode([]byte(before + bad + after))
		if text != "" || !errors.Is(err, reference.ErrInvalidUTF8) {
			t.Fatalf("it is decoded as %q, %v", text, err)
		}
		if want := fmt.Sprintf("0x%02x at byte %d", bad[0], len(before)); !strings.HasSuffix(err.Error(), want) {
			t.Fatalf("%v, and it should be %s", err, want)
		}
	})
}

// A message and its two parts are text together, or are not: where the cut falls
// between two characters all three are, inside of one only the message is.
func TestDecodeOfTwoParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := reference.Encode(texts.Filter(func(s string) bool { return s != "" }).Draw(t, "whole"))
		at := rapid.IntRange(0, len(whole)).Draw(t, "at")
		inside := at < len(whole) && !utf8.RuneStart(whole[at])
		head, headErr := reference.Decode(whole[:at])
		tail, tailErr := reference.Decode(whole[at:])
		if (headErr != nil) != inside || (tailErr != nil) != inside {
			t.Fatalf("cut at %d, inside of a character %t: %v, %v", at, inside, headErr, tailErr)
		}
		if all, err := reference.Decode(whole); err != nil || !inside && head+tail != all {
			t.Fatalf("the parts are %q and %q, the whole %q, %v", head, tail, all, err)
		}
	})
}

// Neither direction keeps or changes the bytes that it is given.
func TestCodecKeepsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		msg := []byte(text)
		got, err := reference.Decode(msg)
		if err != nil || string(msg) != text {
			t.Fatalf("Decode left %q, %v", msg, err)
		}
		clear(msg)
		encoded := reference.Encode(got)
		if got != text || !bytes.Equal(encoded, []byte(text)) {
			t.Fatalf("%q came back as %q, and as %q", text, got, encoded)
		}
		clear(encoded)
		if got != text {
			t.Fatalf("a text changed with the bytes that it was encoded as")
		}
	})
}
