package targets

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// FuzzCodec holds Decode and Encode against the oracle: what is UTF-8 comes back
// as it was, and of what is none the error names the first wrong byte.
func FuzzCodec(f *testing.F) {
	for _, msg := range []string{"", "caf\u00e9", "\ufeffa", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\ufffd\x80"} {
		f.Add([]byte(msg))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		if len(msg) > mostBytes {
			return
		}
		before := string(msg)
		msg = []byte(before) // an engine's own bytes must not be changed
		encoded := reference.Encode(before)
		if string(encoded) != before {
			t.Fatalf("Encode(%q) = %q", before, encoded)
		}
		clear(encoded)
		got, err := reference.Decode(msg)
		if string(msg) != before {
			t.Fatalf("Decode changed %q to %q", before, msg)
		}
		at := oracle.WrongByte(before)
		clear(msg)
		switch {
		case at < 0 && (err != nil || got != before):
			t.Fatalf("Decode(%q) = %s", before, result(got, err))
		case at >= 0 && (!errors.Is(err, reference.ErrInvalidUTF8) || got != ""):
			t.Fatalf("Decode(%q) = %s, and byte %d is wrong", before, result(got, err), at)
		case at >= 0 && !strings.HasSuffix(err.Error(), fmt.Sprintf("0x%02x at byte %d", before[at], at)):
			t.Fatalf("Decode(%q): %v, and byte %d is the first that is wrong", before, err, at)
		case at < 0 && !bytes.Equal(reference.Encode(got), []byte(before)):
			t.Fatalf("Encode(Decode(%q)) is another", before)
		}
	})
}
