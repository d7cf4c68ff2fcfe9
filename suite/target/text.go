package target

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// control matches a terminal's control sequences, colours mostly.
var control = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

// printable makes what a process wrote fit for a message or a report: valid
// UTF-8, without control sequences, every control character but LF and TAB
// replaced, and at most tailSize bytes long, the end of it.
func printable(b []byte) string {
	s := control.ReplaceAllString(string(b), "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || !unicode.IsControl(r) {
			return r // a byte that is no UTF-8 comes as U+FFFD, and stays so
		}
		return utf8.RuneError
	}, s)
	if len(s) > tailSize {
		s = s[len(s)-tailSize:]
		for len(s) > 0 && !utf8.RuneStart(s[0]) {
			s = s[1:]
		}
	}
	return s
}

// lastWords quotes the last lines of stderr, shortly, to end a message with.
func lastWords(stderr string) string {
	const lines, runes = 3, 400
	var last []string
	all := strings.Split(stderr, "\n")
	for i := len(all) - 1; i >= 0 && len(last) < lines; i-- {
		if line := strings.TrimSpace(all[i]); line != "" {
			last = append([]string{line}, last...)
		}
	}
	if len(last) == 0 {
		return ""
	}
	words := []rune(strings.Join(last, " / "))
	if len(words) > runes {
		words = append([]rune("…"), words[len(words)-runes:]...)
	}
	return "; its last words: " + string(words)
}
