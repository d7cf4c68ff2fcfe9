package target

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestTailKeepsTheEnd(t *testing.T) {
	var all bytes.Buffer
	var kept tail
	for i := range 3000 {
		piece := bytes.Repeat([]byte{byte('a' + i%26)}, (i*37)%(tailSize/64))
		if i%500 == 499 {
			piece = bytes.Repeat([]byte("0123456789"), tailSize/5)
		}
		all.Write(piece)
		if n, err := kept.Write(piece); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
		want := all.Bytes()[max(0, all.Len()-tailSize):]
		if got := kept.kept(); string(got) != string(want) {
			t.Fatalf("after %d writes: %d bytes kept, want %d", i+1, len(got), len(want))
		}
	}
	var read tail
	if n, _ := read.ReadFrom(iotest.HalfReader(bytes.NewReader(all.Bytes()))); n != int64(all.Len()) {
		t.Errorf("read %d of %d", n, all.Len())
	}
	if read.String() != kept.String() {
		t.Error("read and written tails differ")
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n":                      "plain\n",
		"\x1b[1;31mred\x1b[0m":         "red",
		"tab\tand\r\nline":             "tab\tand\nline",
		"a\x00b\x07c\x1bd\x9be":        `a\x00b\x07c\x1bd\x9be`,
		"caf\xc3\xa9 \xff":             `café \xff`,
		"a \"b\" \\ c":                 `a "b" \ c`,
		"x\u202ey\u2066z\u200bw\u0085": `x\u202ey\u2066z\u200bw\u0085`,
	} {
		if got := printable([]byte(in), tailSize); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	long := printable(bytes.Repeat([]byte("\x00é"), shownSize), shownSize)
	if len(long) > shownSize || !utf8.ValidString(long) {
		t.Errorf("%d bytes, valid %v", len(long), utf8.ValidString(long))
	}
}

func TestLastWordsAreShortAndOnOneLine(t *testing.T) {
	if got := lastWords(" \n\n"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	if got := lastWords("a\nb\n\n c \nd\n"); got != "; its last words: b / c / d" {
		t.Errorf("got %q", got)
	}
	if got := lastWords(strings.Repeat("é", 4000)); utf8.RuneCountInString(got) > 450 || !utf8.ValidString(got) {
		t.Errorf("%d characters", utf8.RuneCountInString(got))
	}
}

// A cause that a trace, or statistics, come after is not cut off.
func TestLastWordsTellWhy(t *testing.T) {
	after := "\nCPU Usage: 0.013 seconds\nMaximum Resident Size: 84 KB\nPage faults with physical i/o: 0\n"
	for in, want := range map[string]string{
		"starting\nFATAL: Unable to open HTTP Socket\nterminated abnormally" + after:                                            "FATAL: Unable to open HTTP Socket / … / CPU",
		"error: an old one\npanic: it is nil\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:3 +0x18\nexit status 2\n":        "panic: it is nil / … / main.main()",
		"Error: listen EADDRINUSE: address already in use\nat Server.listen\nEmitted 'error' event at:\nat emit\nNode.js v20\n": "Error: listen EADDRINUSE: address already in use / … / Emitted",
		"2026/11/27 [emerg] 1#1: bind() failed\na\nb\nc\n":                                                                      "2026/11/27 [emerg] 1#1: bind() failed / … / a / b / c",
		"error: an old one\na\nerror: the last\nb\n":                                                                            "a / error: the last / b",
		"no errors seen" + after: "CPU",
	} {
		if got := lastWords(in); !strings.HasPrefix(got, "; its last words: "+want) {
			t.Errorf("of %q: %q, want %q", in, got, want)
		}
	}
	long := lastWords("fatal: " + strings.Repeat("é", 4000) + "\n" + strings.Repeat(strings.Repeat("x", 500)+"\n", 3))
	if n := utf8.RuneCountInString(long); n > 450 || !utf8.ValidString(long) || !strings.Contains(long, "fatal: é") {
		t.Errorf("%d characters: %s", n, long)
	}
}
