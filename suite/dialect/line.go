package dialect

import (
	"bytes"
	"math/rand/v2"
	"unicode/utf8"
)

// Line answers each line, stripped of its white space and followed by LF; an
// empty line may end the session.
type Line struct{}

// Name is "line".
func (Line) Name() string { return "line" }

// Summary says what a line server does.
func (Line) Summary() string {
	return "answers each line with the same line, its surrounding ASCII white space stripped, and LF; ends at an empty line or at end of stream"
}

// Predict answers each stripped line. After an empty line a server may end the
// session, or go on, answering LF or nothing for it; all three are right.
func (Line) Predict(input []byte) Prediction {
	var stop, blank []byte                                       // two ways with empty lines: end, answer LF
	silent := make([]byte, 0, len(input)+1+len(input)/LineLimit) // a third: answer nothing
	p := Prediction{End: ByClient}
	empty, stopped := false, 0
	due, known := 0, true // how much of silent the whole lines are owed, as long as right servers do not differ
	for p.Used < len(input) {
		t, taken := readLine(input[p.Used:], LineLimit)
		whole := isWhole(input[p.Used:p.Used+taken], LineLimit)
		p.Used += taken
		if !utf8.Valid(t) {
			p.End, known = ByFailure, known && !whole
			break
		}
		if len(t) == 0 {
			known = known && !whole
			if !empty {
				empty, stopped = true, p.Used
				stop, blank = silent, bytes.Clone(silent)
			}
			blank = append(blank, '\n')
			continue
		}
		silent = append(append(silent, t...), '\n')
		if whole {
			due = len(silent)
		}
		if empty {
			blank = append(append(blank, t...), '\n')
		}
	}
	if known {
		p.Due = silent[:due:due]
	}
	if !empty {
		p.Answers = [][]byte{silent}
		return p
	}
	p.Used = stopped
	p.Answers = [][]byte{stop[:len(stop):len(stop)], blank, silent}
	p.End = ByClient
	return p
}

// Lines is a session of these raw lines, each with the line end that it brings;
// the last may have none.
func (d Line) Lines(name string, raws ...string) Session {
	var b []byte
	for _, raw := range raws {
		b = append(b, raw...)
	}
	return session(d, name, b)
}

// Plain sends one line that carries id.
func (d Line) Plain(id string) Session { return d.Lines("a line", named(id, 1)+"\n") }

// Turns sends n lines, one at a time.
func (Line) Turns(id string, n int) []Turn {
	return byteTurns("", id, n)
}

// Rich holds LF and CR LF line ends and characters of two, three and four bytes.
func (d Line) Rich() Session {
	return d.Lines("lines of every kind",
		"one\n", "two words\r\n", "café 日本語\r\n", "😀\r\n", "é\n", "x\r\n", "last")
}

// Random draws lines from words, with either line end.
func (d Line) Random(r *rand.Rand, size int) Session {
	var b []byte
	for want := 1 + r.IntN(max(size, 1)); len(b) < want; {
		b = append(b, randomLine(r)...)
	}
	return session(d, "random lines", b)
}

// randomLine draws one line that is not empty when stripped.
func randomLine(r *rand.Rand) string {
	return word(r) + []string{"\n", "\r\n"}[r.IntN(2)]
}

// Values sends, in lines, every character up to U+00FF that is no LF, and
// samples of every longer length.
func (d Line) Values() Session { return d.Lines("every control character and more", valueLines()...) }

// valueLines are lines that hold every character up to U+00FF, each before a
// letter so that nothing is stripped, and samples of the longer ones.
func valueLines() []string {
	var raws []string
	line := "a"
	for v := range rune(0x100) {
		if v != '\n' {
			line += string(v) + "z"
		}
		if v%32 == 31 {
			raws, line = append(raws, line+"\n"), "a"
		}
	}
	for _, v := range []rune{0x7ff, 0x800, 0xfffd, 0xffff, 0x10000, 0x10ffff} {
		line += string(v) + "z"
	}
	return append(raws, line+"\n")
}

// Bulk sends lines of up to 60,000 bytes, size bytes of them in all.
func (d Line) Bulk(size int, seed uint64) Session {
	raws := bulkLines(size, seed)
	request := bytes.Join(raws, nil)
	// Every line is free of white space at its ends: the answer is the request, and no copy is needed.
	return Session{Name: "long lines", Request: request, Answers: [][]byte{request}, End: ByClient}
}

// bulkLines are lines of ASCII text, size bytes in all with their line ends.
func bulkLines(size int, seed uint64) [][]byte {
	r := rand.New(rand.NewPCG(seed, uint64(size)))
	var raws [][]byte
	for size > 1 {
		n := min(size, 2+r.IntN(60000))
		if left := size - n; left == 1 { // a lone LF would be an empty line
			if n--; n < 2 {
				n = size
			}
		}
		raws = append(raws, append(restless(r, n-1), '\n'))
		size -= n
	}
	return raws
}

// Ending sends one line; the half-close ends the session.
func (d Line) Ending(id string) Session { return d.Lines("a line", named(id, 1)+"\n") }

// Failing sends bytes that are no UTF-8.
func (d Line) Failing() []Session {
	return []Session{d.Lines("a line that is no UTF-8", "\xff\n"), d.Lines("a line, and one that is no UTF-8", "before\n", "a\xffb\n")}
}

// Joined sends the requests of turns together.
func (d Line) Joined(turns []Turn) Session { return joined(d, turns) }

// Cuttable are an ending, a plain and a rich session.
func (d Line) Cuttable() []Session {
	return append([]Session{d.Lines("a short line", "ab\n")}, cuttable(d)...)
}

// Beginning is as much of the request as a handler waits behind.
func (d Line) Beginning(request []byte) []byte { return beginning(d, request) }

// Controls are an ending and a plain session.
func (d Line) Controls() []Session { return controls(d) }

// Batches are several lines in one request.
func (d Line) Batches() []Batch { return batches(d) }

// Fill are lines that have n bytes together.
func (d Line) Fill(id string, n, requests int) Batch { return filled(d, id, n, requests) }

// Burst is a MiB of lines.
func (d Line) Burst(_ string, seed uint64) (requests []byte, answers int) { return burst(d, seed) }

// Unbroken sends size bytes of lines: a line server cannot do without line ends.
func (d Line) Unbroken(size int, seed uint64) Session { return d.Bulk(size, seed) }

// Closing are an ending and a plain session: the half-close ends both.
func (d Line) Closing(id string) []Session { return []Session{d.Ending(id), d.Plain(id)} }

// LongAnswer sends size bytes of lines.
func (d Line) LongAnswer(size int, seed uint64) (s Session, atOnce bool) {
	return d.Bulk(size, seed), false
}

// Marked are lines with characters of several bytes, and CR LF.
func (d Line) Marked() []Session { return marked(d) }

// LongLine sends a line of content bytes, and another. Where content is a multiple of the limit, what is left of the first is an
// empty line, at which the session may end, so that there is no other.
func (d Line) LongLine(content int) Session {
	if content%LineLimit == 0 {
		return d.Lines("a long line", Numbered(content)+"\n")
	}
	return d.Lines("a long line", Numbered(content)+"\n", "next\n")
}

// EmptyLine has an empty line between two others.
func (d Line) EmptyLine() (s Session, does []string) {
	return d.Lines("an empty line between two", "a\n", "\n", "b\n"), []string{"ends the session", "answers LF and goes on", "answers nothing and goes on"}
}
