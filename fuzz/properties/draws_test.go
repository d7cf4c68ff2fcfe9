package properties

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// texts draws text of characters of every length.
var texts = rapid.StringOf(rapid.OneOf(
	rapid.SampledFrom([]rune("a\x00\n\r\u0085\u00a0\u00e9\u0301\u2028\ufeff\ufffd\U0001f600\U0010ffff")),
	rapid.Rune(),
))

// wrong draws bytes that begin no character, whatever comes behind them.
var wrong = rapid.SampledFrom([]string{
	"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
	"\xf4\x90\x80\x80", "\xf5", "\xff", "\xfe", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
})

// pieces draws what clients send: short, with line ends, white space, characters
// of several bytes, halves of them, and now and then more than a buffer holds.
var pieces = rapid.OneOf(
	rapid.SampledFrom([]string{"\n", "\r\n", "\r", " \t", "\v\f", "a", "bc\n", "\x00", "\u00e9", "\xc3", "\xa9\n", "\u0085", "\u00a0", "\u2028", "\ufeff"}),
	wrong,
	rapid.Map(rapid.IntRange(1, 9000), func(n int) string { return strings.Repeat("long ", n/5+1) }),
)

// inputs draws all that a client sends.
var inputs = rapid.Map(rapid.SliceOfN(pieces, 0, 12), func(all []string) string { return strings.Join(all, "") })

// commands draws commands of script with what they read, most of them right.
var commands = rapid.Custom(func(t *rapid.T) string {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("a\u00e9\u20ac\U0001f600 \t\r\x00\u00a0\u0085")), 0, 12, -1).Draw(t, "text")
	end := rapid.SampledFrom([]string{"\n", "\r\n", " \t\n"}).Draw(t, "end")
	switch rapid.IntRange(0, 14).Draw(t, "command") {
	case 0, 1:
		return fmt.Sprintf("READ %d%s%s", len(text), end, text)
	case 2:
		return "READLINE" + end + text + "\n"
	case 3, 4:
		return fmt.Sprintf("READLINE %d%s%s\n", rapid.IntRange(0, 9).Draw(t, "limit"), end, text)
	case 5, 6:
		return "WRITE " + text + end
	case 7:
		pairs := fmt.Sprintf(rapid.SampledFrom([]string{"% x", "%X"}).Draw(t, "form"), text)
		between := rapid.SampledFrom([]string{" ", "\t", "\v", "\f", "\r", " \r "}).Draw(t, "between")
		return "BYTES " + strings.ReplaceAll(pairs, " ", between) + end
	case 8, 9, 10, 11:
		return "SEND" + end
	case 12:
		return "ATEND" + end
	case 13:
		return rapid.SampledFrom([]string{"WRITE a\nSEND\nWRITE b", "READ 0", "READ 5000\n" + strings.Repeat("x", 5000) + "SEND", "BYTES"}).Draw(t, "special") + end
	}
	return rapid.SampledFrom([]string{
		"CLOSE\n", "\n", "RAISE\n", "READ\n", "READ x\n", "READ -1\n", "READ 16777217\n", "SEND x\n", "send\n", "BYTES 0 0\n", "\xff\n", "READ 1\n\xc3",
	}).Draw(t, "last")
})

// programs draws sessions of script, some of them cut off anywhere.
var programs = rapid.Custom(func(t *rapid.T) string {
	whole := strings.Join(rapid.SliceOfN(commands, 0, 12).Draw(t, "commands"), "")
	if rapid.IntRange(0, 3).Draw(t, "cut off") == 0 {
		whole = whole[:rapid.IntRange(0, len(whole)).Draw(t, "length")]
	}
	return whole
})

// requests draws what a client of the dialect sends.
func requests(dialect string) *rapid.Generator[string] {
	if dialect == "script" {
		return programs
	}
	return inputs
}
