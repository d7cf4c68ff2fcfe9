package report

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

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
	switch {
	case r < 0x1100:
		return 1
	case r >= 0x1100 && r <= 0x115f, // Hangul initials
		r >= 0x2e80 && r <= 0x303e, // radicals, CJK punctuation
		r >= 0x3041 && r <= 0xa4cf, // kana, Bopomofo, CJK, Yi
		r >= 0xa960 && r <= 0xa97f, // Hangul extended
		r >= 0xac00 && r <= 0xd7a3, // Hangul syllables
		r >= 0xf900 && r <= 0xfaff, // compatibility ideographs
		r >= 0xfe30 && r <= 0xfe6f, // vertical and small forms
		r >= 0xff01 && r <= 0xff60, // full-width forms
		r >= 0xffe0 && r <= 0xffe6,
		r >= 0x1f300 && r <= 0x1faff, // emoji
		r >= 0x17000 && r <= 0x18cff, // Tangut, Khitan
		r >= 0x1b000 && r <= 0x1b2ff, // kana beyond the first plane
		r >= 0x20000 && r <= 0x3fffd: // ideographs beyond the first plane
		return 2
	case r >= 0x2300 && r <= 0x2bff && wideSymbols[r]:
		return 2
	case r >= 0x1f000 && r <= 0x1f2ff && unicode.Is(unicode.So, r):
		return 2
	}
	return 1
}

// wideSymbols are the older symbols that terminals draw as emoji.
var wideSymbols = func() map[rune]bool {
	set := map[rune]bool{}
	for _, r := range "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕" {
		set[r] = true
	}
	return set
}()

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

// count writes n with commas between the thousands.
func count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// CountOf returns n with commas between the thousands and a noun, with an s where n is not 1.
func CountOf[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
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
	return count(int64(min(ms/1000, 1e9))) + " s"
}
