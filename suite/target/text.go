package target

import (
	"regexp"
	"slices"
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

// tellsWhy matches a line by which a program says why it ends: "FATAL: …", "panic: …", "[emerg] …", "BindException: …".
var tellsWhy = regexp.MustCompile(`(?i)(fatal|panic|error|exception)\w*[:\]]|\[(emerg|alert|crit)\]`)

// lastWords quotes the last lines of stderr, shortly, to end a message with. Where none of them tells why the
// process ended, the last line before them that does comes first: a trace or statistics often follow it.
func lastWords(stderr string) string {
	const lines, runes = 3, 400
	var all []string
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	if len(all) == 0 {
		return ""
	}
	last := all[max(0, len(all)-lines):]
	words, why := []rune(strings.Join(last, " / ")), []rune(nil)
	if !slices.ContainsFunc(last, tellsWhy.MatchString) {
		for _, line := range slices.Backward(all[:len(all)-len(last)]) {
			if tellsWhy.MatchString(line) {
				why = []rune(line)
				break
			}
		}
	}
	if len(why) > runes/2 {
		why = append(why[:runes/2:runes/2], '…')
	}
	if room := runes - len(why); len(words) > room {
		words = append([]rune("…"), words[len(words)-room:]...)
	}
	if len(why) > 0 {
		words = slices.Concat(why, []rune(" / … / "), words)
	}
	return "; its last words: " + string(words)
}
