package properties

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// What is UTF-8 comes back as it was; of what is none the error names the first
// byte that is wrong, behind any text and before any.
func TestDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		msg := texts.Draw(t, "before")
		if rapid.Bool().Draw(t, "goes wrong") {
			msg += wrong.Draw(t, "wrong") + texts.Draw(t, "after")
		}
		checkDecode(t, msg)
	})
}

// Every first byte, with the bytes at the edges of every range of RFC 3629.
func TestDecodeAtTheEdges(t *testing.T) {
	edges := []byte{0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}
	for first := range 256 {
		for _, second := range edges {
			for _, third := range edges {
				for _, fourth := range edges {
					checkDecode(t, string([]byte{byte(first), second, third, fourth}))
				}
			}
		}
	}
}

func checkDecode(t rapid.TB, msg string) {
	t.Helper()
	want, wantErr := oracle.Decode(msg)
	got, err := reference.Decode([]byte(msg))
	if got != want || oracle.Kind(err) != wantErr {
		t.Fatalf("%q is decoded as %q, %v, want %q, %v", msg, got, err, want, wantErr)
	}
	if at := oracle.WrongByte(msg); err != nil && !strings.HasSuffix(err.Error(), fmt.Sprintf("0x%02x at byte %d", msg[at], at)) {
		t.Fatalf("%q: %v, and byte %d is the first that is wrong", msg, err, at)
	}
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
