package target

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/show"
)

// control matches a terminal's control sequences, colours mostly.
var control = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

// printable makes what a process wrote fit for a message or a report: valid UTF-8, without a terminal's control sequences, with every
// character that cannot be seen by itself but LF and TAB written as an escape, and at most so many bytes long, the end of it.
func printable(b []byte, most int) string {
	b = bytes.ReplaceAll(control.ReplaceAll(b, nil), []byte("\r\n"), []byte("\n"))
	var s strings.Builder
	for len(b) > 0 {
		switch c := b[0]; {
		case c >= ' ' && c < 0x7f || c == '\n' || c == '\t':
			s.WriteByte(c)
			b = b[1:]
		default:
			text, n := show.Next(b)
			s.WriteString(text)
			b = b[n:]
		}
	}
	text := s.String()
	if len(text) > most {
		text = text[len(text)-most:]
		for len(text) > 0 && !utf8.RuneStart(text[0]) {
			text = text[1:]
		}
	}
	return text
}

// tellsWhy matches a line by which a program says why it ends: "FATAL: …", "panic: …", "[emerg] …", "BindException: …".
var tellsWhy = regexp.MustCompile(`(?i)(fatal|panic|error|exception)\w*(?: \[\w+\])?[:\]]|\[(emerg|alert|crit)\]`)

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
