package report

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestEscape(t *testing.T) {
	for raw, want := range map[string]string{
		"":                       ``,
		"READ 5\r\n\thello":      `READ 5\r\n\thello`,
		`say "a\b"`:              `say \"a\\b\"`,
		"\x00\a\x1b[0m\x7f":      `\x00\x07\x1b[0m\x7f`,
		"café 日本語 🙂":             `café 日本語 🙂`,
		"\xff\xc3(\xc3":          `\xff\xc3(\xc3`,
		"\u0085\u009b":           `\u0085\u009b`,
		"\u202e\u2028\u200b":     `\u202e\u2028\u200b`,
		"\ufeff\u00a0\u3164":     `\ufeff\u00a0\u3164`,
		"e\u0301":                `e\u0301`,
		"\U000e0001\U0010ffff":   `\U000e0001\U0010ffff`,
		"\ufffd":                 "\ufffd",
		"\u0080\uffff\U00010000": `\u0080\uffff𐀀`,
		"\xed\xa0\x80":           `\xed\xa0\x80`,
	} {
		if got := Escape([]byte(raw)); got != want {
			t.Errorf("%q is escaped as %s, not %s", raw, got, want)
		}
	}
}

func TestEscapeRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) })).Draw(t, "raw")
		text := Escape(raw)
		for _, r := range text {
			if !visible(r) {
				t.Fatalf("%q is left in %q", r, text)
			}
		}
		back, err := Unescape(text)
		if err != nil || !bytes.Equal(back, raw) {
			t.Fatalf("%q came back as %q: %v", raw, back, err)
		}
		if literal, err := strconv.Unquote(`"` + text + `"`); err != nil || literal != string(raw) {
			t.Fatalf("as a Go literal %s is %q: %v", text, literal, err)
		}
	})
}

func TestEveryCharacterRoundTrips(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if !utf8.ValidRune(r) {
			continue
		}
		raw := string(r)
		if back, err := Unescape(Escape([]byte(raw))); err != nil || string(back) != raw {
			t.Fatalf("%U came back as %q: %v", r, back, err)
		}
	}
}

func TestUnescapeRefuses(t *testing.T) {
	for _, text := range []string{`\`, `\q`, `\x1`, `\xgg`, `\u12`, `\ud800`, `\U00110000`, `"`, `a"b`, "a\nb", "a\tb", "\x7f", "\xff", `\'`, `\400`} {
		if got, err := Unescape(text); err == nil {
			t.Errorf("%q was accepted as %q", text, got)
		}
	}
}

func TestProse(t *testing.T) {
	if got, want := prose(`C:\x "q" `+"\x1b\u202e"), `C:\x "q" \x1b\u202e`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	long := prose("x" + strings.Repeat("é", proseLimit))
	if strings.Contains(long, `\x`) || !strings.HasSuffix(long, "é…") {
		t.Errorf("a long sentence ends with %q", long[len(long)-12:])
	}
}

func TestExcerpt(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789"), 10_000)
	for _, c := range []struct {
		around, offset int64
		length         int
	}{
		{0, 0, ExcerptLimit}, {-5, 0, ExcerptLimit}, {50_000, 50_000 - ExcerptLimit/2, ExcerptLimit},
		{100_000, 100_000 - ExcerptLimit, ExcerptLimit}, {1 << 62, 100_000 - ExcerptLimit, ExcerptLimit},
	} {
		e := Excerpt(big, c.around)
		if e.Total != 100_000 || e.Offset != c.offset || !bytes.Equal(e.Text, big[c.offset:c.offset+int64(c.length)]) {
			t.Errorf("around %d: %d bytes at %d of %d", c.around, len(e.Text), e.Offset, e.Total)
		}
	}
	small := []byte("abc")
	e := Excerpt(small, 2)
	small[0] = 'X'
	if e.Total != 3 || e.Offset != 0 || string(e.Text) != "abc" {
		t.Errorf("a small excerpt is %+v", e)
	}
}
