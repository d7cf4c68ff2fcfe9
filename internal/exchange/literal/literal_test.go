package literal

import (
	"bytes"
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"
)

// TestWhatIsWrittenIsRead: bytes that are written with escapes are read as they were, and so is a quoted text by who reads YAML.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		if read, err := Unescape(Escape(b)); err != nil || !bytes.Equal(read, b) {
			t.Errorf("%q is written as %s, and read as %q: %v", b, Escape(b), read, err)
		}
		text := rapid.String().Draw(t, "text")
		var read string
		if err := yaml.Unmarshal([]byte(Quote(text)), &read); err != nil || read != text {
			t.Errorf("%q is written as %s, and read as %q: %v", text, Quote(text), read, err)
		}
	})
}
