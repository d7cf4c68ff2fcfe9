//go:build linux

package faulty_test

import (
	"strconv"
	"strings"
)

// streamChecks are for the faults of the stream of bytes.
var streamChecks = joined(framChecks, placeChecks(), map[string]check{
	"read-cap-4k":      manyBytes,
	"read-cap-64k":     manyBytes,
	"read-characters":  turns(turn{"READ 2\néSEND\n", "2:é,"}),
	"read-eats":        turns(turn{"READ 3\nabcSEND\n", "3:abc,"}),
	"read-eats-lf":     turns(turn{"ATEND\nREAD 3\nabc\nWRITE d\n", "3:abc,"}),
	"read-end-dropped": turns(turn{"ATEND\nREAD 9\nabc", "3:abc,"}),
	"read-end-fails":   turns(turn{"ATEND\nREAD 9\nabc", "3:abc,"}),
	"read-short":       segments("6:abcdef,", "READ 6\n", "abc", "defSEND\n"),
	"read-two-buffers": turns(turn{"READ 3\nabcSEND\n", "3:abc,"}),
	"read-zero-waits":  readsNothing("read-zero-waits"),

	"cr-ends":           oneLine("a\rb\n", "a\rb"),
	"nel-ends":          oneLine("a\u0085b\n", "a\u0085b"),
	"u2028-ends":        oneLine("a\u2028b\n", "a\u2028b"),
	"vt-ends":           oneLine("a\vb\n", "a\vb"),
	"ff-ends":           oneLine("a\fb\n", "a\fb"),
	"last-line-dropped": lastLine,
	"cr-kept":           oneLine("a\r\n", "a"),
	"strip-none":        oneLine(" \va\t \n", "a"),
	"strip-left":        oneLine(" \va\t \n", "a"),
	"strip-right":       oneLine(" \va\t \n", "a"),
	"strip-inside":      oneLine("a \tb\n", "a \tb"),
	"strip-controls":    oneLine("\x1ca\x1f\n", "\x1ca\x1f"),
	"nul-ends-text":     oneLine("a\x00b\n", "a\x00b"),
	"controls-dropped":  oneLine("a\x01b\x7f\n", "a\x01b\x7f"),

	"line-128":         oneLine(digits(129)+"\n", digits(129)),
	"line-buffer-8k":   oneLine(digits(8193)+"\n", digits(8193)),
	"limit-short":      lineBeyondLimit,
	"limit-long":       lineBeyondLimit,
	"limit-none":       lineBeyondLimit,
	"limit-drops":      lineBeyondLimit,
	"limit-closes":     lineBeyondLimit,
	"limit-zero":       turns(turn{"READLINE 0\nREAD 2\nabSEND\n", "0:,2:ab,"}),
	"limit-characters": turns(turn{"READLINE 2\néSEND\n", "2:é,"}),
	"limit-without-lf": turns(turn{"ATEND\nREADLINE 2\nab\nWRITE c\n", "2:ab,"}),

	"latin-1-out":         oneLine("é\n", "é"),
	"bytes-as-text":       turns(turn{"BYTES ff\nSEND\n", "\xff"}),
	"text-mode":           turns(turn{"BYTES 0a\nSEND\n", "\n"}),
	"replacement":         refusedLine("a\xff"),
	"ignoring":            refusedLine("a\xff"),
	"surrogates":          refusedLine("\xed\xa0\x80"),
	"overlong":            refusedLine("\xc1\x81"),
	"beyond-unicode":      refusedLine("\xf4\x90\x80\x80"),
	"bom-dropped":         oneLine("\ufeffa\n", "\ufeffa"),
	"bmp-only":            oneLine("😀\n", "😀"),
	"composed":            oneLine("e\u0301\n", "e\u0301"),
	"compatible":          oneLine("\uff21\n", "\uff21"),
	"character-completed": turns(turn{"READ 1\néSEND\n", ""}),
	"character-halved":    turns(turn{"READLINE 2\na日SEND\n", ""}),

	"timer-flush":     staysUnsent,
	"readline-flush":  sendsOnSendAlone,
	"bytes-first":     turns(turn{"WRITE a\nBYTES 62\nSEND\n", "ab"}),
	"reversed":        turns(turn{"WRITE a\nWRITE b\nSEND\n", "ab"}),
	"unemptied":       turns(turn{"WRITE a\nSEND\nWRITE b\nSEND\n", "ab"}),
	"resend-at-end":   turns(turn{"ATEND\nWRITE a\nSEND\n", "a"}),
	"empty-send-lf":   turns(turn{"SEND\n", ""}),
	"empty-send-ends": turns(turn{"SEND\nWRITE a\nSEND\n", "a"}),
	"send-capped":     writes(100, digits(60000)),
	"send-partial":    writes(100, digits(60000)),
	"pieces-1024":     writes(1025, "a"),
	"threshold-4k":    turns(turn{"WRITE a\nSEND\nWRITE " + digits(4097) + "\n", "a"}),
	"threshold-100":   turns(turn{"WRITE a\nSEND\n" + strings.Repeat("WRITE b\n", 100), "a"}),
	"threshold-5000":  turns(turn{"WRITE a\nSEND\n" + strings.Repeat("WRITE b\n", 5000), "a"}),
	"threshold-64k":   turns(turn{"WRITE a\nSEND\nWRITE b\nREAD 65536\n" + digits(65536), "a"}),
})

// turns is the check that takes these turns.
func turns(all ...turn) check {
	return func(s target, _ string) error { return s.converse(all...) }
}

// netstring is the answer of script to what was read.
func netstring(text string) string {
	return strconv.Itoa(len(text)) + ":" + text + ","
}

// digits returns n digits, no two neighbours of which are the same.
func digits(n int) string {
	return strings.Repeat("0123456789", n/10+1)[:n]
}

// oneLine is the check that a line is read as that text.
func oneLine(raw, text string) check {
	return func(s target, dialect string) error {
		if dialect == "line" {
			return s.converse(turn{raw, text + "\n"})
		}
		return s.converse(turn{"READLINE\n" + raw + "SEND\n", netstring(text)})
	}
}

// refusedLine is the check that a line which is no UTF-8 ends the connection.
func refusedLine(bad string) check {
	return func(s target, dialect string) error {
		if dialect == "line" {
			return s.converse(turn{"a\n" + bad + "\nb\n", "a\n"})
		}
		return s.converse(turn{"READLINE\n" + bad + "\nSEND\n", ""})
	}
}

// lastLine sends a line that the end of the stream ends.
func lastLine(s target, dialect string) error {
	if dialect == "line" {
		return s.converse(turn{"a", "a\n"})
	}
	return s.converse(turn{"ATEND\nREADLINE\na", "1:a,"})
}

// lineBeyondLimit sends a line that comes in two pieces: in script, the second is
// the next command.
func lineBeyondLimit(s target, dialect string) error {
	first := digits(65536)
	if dialect == "line" {
		return s.converse(turn{first + "rest\nnext\n", first + "\nrest\nnext\n"})
	}
	return s.converse(turn{"READLINE\n" + first + "READLINE\nrest\nSEND\n", netstring(first) + netstring("rest")})
}

// writes is the check that so many pieces leave together.
func writes(n int, text string) check {
	return turns(turn{strings.Repeat("WRITE "+text+"\n", n) + "SEND\n", strings.Repeat(text, n)})
}
