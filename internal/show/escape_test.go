package show

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestBytes(t *testing.T) {
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
		if got := Bytes([]byte(raw)); got != want {
			t.Errorf("%q is escaped as %s, not %s", raw, got, want)
		}
	}
}

func TestBytesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) })).Draw(t, "raw")
		text := Bytes(raw)
		for _, r := range text {
			if !Visible(r) {
				t.Fatalf("%q is left in %q", r, text)
			}
		}
		back, err := Parse(text)
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
		if back, err := Parse(Bytes([]byte(raw))); err != nil || string(back) != raw {
			t.Fatalf("%U came back as %q: %v", r, back, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{`\`, `\q`, `\x1`, `\xgg`, `\u12`, `\ud800`, `\U00110000`, `"`, `a"b`, "a\nb", "a\tb", "\x7f", "\xff", `\'`, `\400`} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q was accepted as %q", text, got)
		}
	}
}

func TestProse(t *testing.T) {
	if got, want := Prose(`C:\x "q" `+"\x1b\u202e"), `C:\x "q" \x1b\u202e`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	long := Prose("x" + strings.Repeat("é", ProseLimit))
	if strings.Contains(long, `\x`) || !strings.HasSuffix(long, "é…") {
		t.Errorf("a long sentence ends with %q", long[len(long)-12:])
	}
}

// TestProseBorders holds where running text is cut: by bytes, never inside of a character, and by lines.
func TestProseBorders(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct{ s, want string }{
		"at the limit":                      {x(ProseLimit), x(ProseLimit)},
		"a byte more":                       {x(ProseLimit + 1), x(ProseLimit) + "…"},
		"a character ends at the limit":     {x(ProseLimit-2) + "éx", x(ProseLimit-2) + "é…"},
		"a character across the limit":      {x(ProseLimit-1) + "éx", x(ProseLimit-1) + "…"},
		"three of its four bytes":           {x(ProseLimit-3) + "😀", x(ProseLimit-3) + "…"},
		"all of its four bytes":             {x(ProseLimit-4) + "😀x", x(ProseLimit-4) + "😀…"},
		"a byte that begins no character":   {x(ProseLimit-1) + "\xffx", x(ProseLimit-1) + `\xff…`},
		"bytes that end none, at the end":   {x(ProseLimit-4) + "\x80\x80\x80\x80\x80", x(ProseLimit-4) + `\x80\x80\x80\x80…`},
		"bytes that begin a character each": {strings.Repeat("\xf0", ProseLimit+1), strings.Repeat(`\xf0`, ProseLimit-1) + "…"},
		"a character that is cut by itself": {x(8) + "\xc3", x(8) + `\xc3`},
	} {
		if got := Prose(c.s); got != c.want {
			t.Errorf("%s: …%q, not …%q", name, got[max(0, len(got)-20):], c.want[max(0, len(c.want)-20):])
		}
	}
	for n, want := range map[int]int{1: 1, ParagraphsLimit: ParagraphsLimit, ParagraphsLimit + 1: ParagraphsLimit + 1, ParagraphsLimit + 5: ParagraphsLimit + 1} {
		got := Paragraphs(strings.Repeat("a\r\n", n) + "\n")
		if len(got) != want || got[0] != "a" || (got[len(got)-1] == "…") != (n > ParagraphsLimit) {
			t.Errorf("%d lines: %d, %q", n, len(got), got[len(got)-1])
		}
	}
}
