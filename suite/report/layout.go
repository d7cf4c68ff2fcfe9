package report

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/streamspec/streamspec/internal/show"
)

// widths are the widths of characters on any terminal: the environment, which may say that ambiguous characters are
// wide, does not change a report.
var widths = &runewidth.Condition{StrictEmojiNeutral: true}

// columns counts the terminal columns of s, which holds visible characters only.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

// runeColumns is 2 for the characters that terminals draw wide, else 1.
func runeColumns(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	return widths.RuneWidth(r)
}

// pad fills s with spaces to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// padLeft fills s with spaces before it to a width.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-columns(s))) + s
}

// shorten cuts s to a width, with … for what was cut.
func shorten(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	head, _ := split(s, width-1)
	return strings.TrimRight(head, " ") + "…"
}

// split cuts s after as many characters as fit a width.
func split(s string, width int) (head, tail string) {
	used := 0
	for i, r := range s {
		used += runeColumns(r)
		if used > width {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// wrap breaks s into lines of at most a width, between words where it can. There
// is always one line, empty where s is.
func wrap(s string, width int) []string {
	width = max(2, width)
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		n := columns(word)
		if used > 0 && used+1+n <= width {
			line, used = line+" "+word, used+1+n
			continue
		}
		if used > 0 {
			lines = append(lines, line)
		}
		for n > width {
			head, tail := split(word, width)
			lines = append(lines, head)
			word, n = tail, columns(tail)
		}
		line, used = word, n
	}
	return append(lines, line)
}

// duration writes milliseconds for people.
func duration(ms float64) string {
	switch {
	case !(ms > 0) || math.IsInf(ms, 0):
		return "0 ms"
	case ms < 999.5:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	case ms < 99_950:
		return strconv.FormatFloat(ms/1000, 'f', 1, 64) + " s"
	}
	return show.Count(int64(min(ms/1000, 1e9))) + " s"
}
