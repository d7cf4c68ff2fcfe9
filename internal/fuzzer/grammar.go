package fuzzer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A grammar draws the requests of one session; long asks for one that is as long as a border of a buffer, or of a limit.
type grammar func(src Source, long bool) []plan.Request

func grammarOf(m dialect.Model) grammar {
	switch m.(type) {
	case dialect.Line:
		return lines
	case dialect.Script:
		return commands
	}
	return chunks
}

// texts are what lines and commands carry: characters of every length, white space of every kind, inside and around, and
// things that look like delimiters or commands and are none. The simplest come first.
var texts = []string{
	"a", "ab", "hello", "two words", "0", "é", "日", "😀", "café", "naïve – dash", "日本語", "e\u0301", "ß", "\uff21\uff11", "\ufb01",
	" a", "a ", "\ta\t", "a\vb", "a\fb", "a\v", "\fa", "a\u0085b", "\u0085a", "a\u2028", "\u2029a", "a\u00a0", "\u3000a", "\ufeffa",
	"a\x00b", "\x00", "a\rb", "\ra", "a\x1a", "a\x04", "\x7f", "a\\nb", "%s%n", "'; --", "5:hello,", "SEND", "READLINE", "READ 3", ".", "..", "\u0080", "\u07ff", "\u0800", "\uffff", "\U0010ffff",
}

// wrong are bytes that are no UTF-8: lone halves, overlong forms, surrogates, a value too large, Latin-1.
var wrong = []string{"\xff", "a\xff", "\xc3", "\xa9", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\x97", "caf\xe9", "\xf0\x9f\x98"}

// size draws a size about the border of a buffer, or about the limit of a line; the largest are drawn seldom.
func size(src Source) int {
	n := 0
	switch weighted(src, 60, 30, 8, 2) {
	case 0:
		n = 128 << src.IntN(9)
	case 1:
		n = dialect.LineLimit
	case 2:
		n = 1 << (17 + src.IntN(2))
	case 3:
		n = 1 << 20
	}
	return n + src.IntN(4) - 2
}

// word draws a text for a line.
func word(src Source) string {
	switch weighted(src, 50, 25, 20, 5) {
	case 1:
		return pick(src, texts) + pick(src, texts)
	case 2:
		return string(dialect.Text(1+src.IntN(60), seed64(src)))
	case 3:
		return strings.Repeat(pick(src, texts[:12]), 1+src.IntN(20))
	}
	return pick(src, texts)
}

// ending draws a line end.
func ending(src Source) string {
	return pick(src, []string{"\n", "\n", "\r\n", "\r\n", " \n", "\r\r\n"})
}

// number draws how many requests a session has.
func number(src Source) int { return 1 + weighted(src, 30, 25, 15, 10, 8, 6, 3, 3) }

// lines draws lines; the last may have no end, one may be empty, or no UTF-8.
func lines(src Source, long bool) []plan.Request {
	n := number(src)
	var all []plan.Request
	for range n {
		all = append(all, plan.Of(word(src)+ending(src)))
	}
	if long {
		all[src.IntN(n)] = plan.Request{Pieces: []plan.Piece{{Size: size(src), Seed: seed64(src)}, plan.Text(ending(src))}}
	}
	switch weighted(src, 80, 12, 4, 4) {
	case 1:
		all[n-1] = plan.Of(word(src))
	case 2:
		all[src.IntN(n)] = plan.Of(pick(src, []string{"\n", "\r\n", " \t\n"}))
	case 3:
		all[src.IntN(n)] = plan.Of(pick(src, wrong) + "\n")
	}
	return all
}

// chunks draws what an echo is sent: texts, lines, and runs of all byte values.
func chunks(src Source, long bool) []plan.Request {
	var all []plan.Request
	for range number(src) {
		switch weighted(src, 50, 30, 20) {
		case 0:
			all = append(all, plan.Of(word(src)+ending(src)))
		case 1:
			all = append(all, plan.Of(pick(src, texts)+pick(src, wrong)))
		case 2:
			all = append(all, plan.Request{Pieces: []plan.Piece{{Size: 1 + src.IntN(100), Seed: seed64(src), Binary: true}}})
		}
	}
	if long {
		all[src.IntN(len(all))] = plan.Request{Pieces: []plan.Piece{{Size: size(src), Seed: seed64(src), Binary: true}}}
	}
	return all
}

// commands draws commands of the script dialect, and what they read. Most sessions end in SEND and the empty line; one may
// have a command that there is not, or bytes that are no UTF-8.
func commands(src Source, long bool) []plan.Request {
	n := number(src)
	var all []plan.Request
	if one(src, 25) {
		all = append(all, plan.Of("ATEND\n"))
	}
	for range n {
		all = append(all, plan.Of(command(src)))
		if one(src, 3) {
			all = append(all, plan.Of("SEND\n"))
		}
	}
	if long {
		text := plan.Piece{Size: size(src), Seed: seed64(src)}
		r := plan.Request{Pieces: []plan.Piece{plan.Text("READLINE\n"), text, plan.Text("\n")}}
		if one(src, 2) {
			r = plan.Request{Pieces: []plan.Piece{plan.Text(fmt.Sprintf("READ %d\n", text.Size)), text}}
		}
		all = append(all, r)
	}
	if one(src, 30) {
		all = append(all, plan.Of(pick(src, []string{"RAISE\n", "NONSENSE\n", "READ x\n", "BYTES 0g\n", "READLINE\n\xff\n", "READ 2\n\xc3a"})))
	}
	all = append(all, plan.Of("SEND\n"))
	switch weighted(src, 80, 15, 5) {
	case 0:
		all = append(all, plan.Of("\n"))
	case 2:
		all = append(all, plan.Of("CLOSE\n"))
	}
	return all
}

func command(src Source) string {
	end := pick(src, []string{"\n", "\n", "\n", "\r\n"})
	switch weighted(src, 40, 25, 15, 10, 10) {
	case 0:
		return "READLINE" + end + word(src) + ending(src)
	case 1:
		w := word(src)
		if one(src, 3) {
			w += ending(src) + word(src)
		}
		return fmt.Sprintf("READ %d%s%s", within(src, w), end, w)
	case 2:
		return limited(src, end)
	case 3:
		return "WRITE " + string(dialect.Text(1+src.IntN(40), seed64(src))) + end
	}
	return fmt.Sprintf("BYTES %x%s", dialect.Bytes(1+src.IntN(20), seed64(src)), end)
}

// limited draws a line that is read up to a limit: the line ends before it or at it, or goes on behind it.
func limited(src Source, end string) string {
	w := string(dialect.Text(1+src.IntN(30), seed64(src)))
	if one(src, 3) {
		w = pick(src, texts) + pick(src, texts)
	}
	switch weighted(src, 60, 30, 10) {
	case 1:
		return fmt.Sprintf("READLINE %d%s%s\n", len(w)+1+src.IntN(3), end, w)
	case 2:
		return "READLINE 0" + end
	}
	return fmt.Sprintf("READLINE %d%s%s", within(src, w), end, w)
}

// within is the length of a text, or once in a while one at which its last character is not whole.
func within(src Source, w string) int {
	if _, last := utf8.DecodeLastRuneInString(w); last > 1 && one(src, 6) {
		return len(w) - 1 - src.IntN(last-1)
	}
	return len(w)
}

// known says whether what is due to the client is known.
func known(m dialect.Model, c plan.Client) bool {
	_, err := due.To(m, plan.Plan{Dialect: m.Name(), Clients: []plan.Client{c}})
	return err == nil
}
