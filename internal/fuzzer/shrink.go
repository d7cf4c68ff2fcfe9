package fuzzer

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
)

// Shrink makes a plan smaller for as long as it still fails, and returns the smallest and how many deliveries that took. fails
// plays a plan and says whether it fails in the same way; it is called at most budget times. What is taken away are clients,
// requests, cuts, bytes, pauses and awaits, the largest parts first (delta debugging: Zeller and Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", 2002). The result fails, if p does.
func Shrink(p plan.Plan, fails func(plan.Plan) bool, budget int) (smallest plan.Plan, deliveries int) {
	s := &shrinker{best: p.Clone(), fails: fails, left: budget, seen: map[string]bool{p.String(): true}}
	for before := ""; s.left > 0 && before != s.best.String(); {
		before = s.best.String()
		s.clients()
		s.plain()
		s.requests()
		s.sizes()
		s.cuts()
		s.counted()
		s.bytes()
		s.simple()
	}
	return s.best, budget - s.left
}

// A shrinker holds the smallest plan so far that fails.
type shrinker struct {
	best  plan.Plan
	fails func(plan.Plan) bool
	left  int
	seen  map[string]bool // what was played, and is not played again
}

// try plays a candidate, and keeps it when it fails.
func (s *shrinker) try(p plan.Plan) bool {
	if s.left == 0 || p.Validate() != nil {
		return false
	}
	key := p.String()
	if s.seen[key] {
		return false
	}
	s.seen[key] = true
	s.left--
	if !s.fails(p) {
		return false
	}
	s.best = p
	return true
}

// change tries the smallest plan with one client changed.
func (s *shrinker) change(client int, f func(c *plan.Client)) bool {
	p := s.best.Clone()
	f(&p.Clients[client])
	return s.try(p)
}

// clients leaves clients out.
func (s *shrinker) clients() {
	if n := len(s.best.Clients); n > 1 {
		for i := range n {
			p := s.best.Clone()
			p.Clients = []plan.Client{p.Clients[i]}
			p.Clients[0].Then = false
			if s.try(p) {
				return
			}
		}
	}
	reduce(len(s.best.Clients), 1, func(from, to int) bool {
		p := s.best.Clone()
		p.Clients = slices.Delete(p.Clients, from, to)
		p.Clients[0].Then = false
		return s.try(p)
	})
}

// plain tries what is plainest at once: no cuts, no pauses, no awaits, the most common end.
func (s *shrinker) plain() {
	for i := range s.best.Clients {
		if len(s.best.Clients[i].Cuts) > 0 {
			s.change(i, func(c *plan.Client) { c.Cuts = nil })
		}
		if slices.ContainsFunc(s.best.Clients[i].Cuts, func(c delivery.Cut) bool { return c.Pause > 0 }) {
			s.change(i, func(c *plan.Client) {
				for k := range c.Cuts {
					c.Cuts[k].Pause = 0
				}
			})
		}
		if slices.ContainsFunc(s.best.Clients[i].Requests, func(r plan.Request) bool { return r.Await }) {
			s.change(i, func(c *plan.Client) {
				for k := range c.Requests {
					c.Requests[k].Await = false
				}
			})
		}
		if !s.best.Clients[i].Exchanges() && s.best.Clients[i].End != delivery.HalfClose {
			s.change(i, func(c *plan.Client) { c.End = delivery.HalfClose })
		}
	}
}

// requests leaves requests out.
func (s *shrinker) requests() {
	for i := range s.best.Clients {
		reduce(len(s.best.Clients[i].Requests), 1, func(from, to int) bool {
			return s.change(i, func(c *plan.Client) { without(c, from, to) })
		})
	}
}

// cuts leaves cuts out.
func (s *shrinker) cuts() {
	for i := range s.best.Clients {
		reduce(len(s.best.Clients[i].Cuts), 0, func(from, to int) bool {
			return s.change(i, func(c *plan.Client) { c.Cuts = slices.Delete(c.Cuts, from, to) })
		})
	}
}

// sizes makes generated pieces shorter, and writes out those that are short.
func (s *shrinker) sizes() {
	for i := range s.best.Clients {
		for r := 0; r < len(s.best.Clients[i].Requests); r++ {
			for k := 0; k < len(s.best.Clients[i].Requests[r].Pieces); k++ {
				s.size(i, r, k)
			}
		}
	}
}

// size finds how short a piece can be, by halves, and writes it out where that is short.
func (s *shrinker) size(client, request, piece int) {
	at := func() plan.Piece { return s.best.Clients[client].Requests[request].Pieces[piece] }
	if at().Size == 0 {
		return
	}
	// What is at most low passes, or was not tried; what is high fails.
	for low := 0; at().Size-low > 1 && s.left > 0; {
		n := low + (at().Size-low)/2
		if low == 0 {
			n = max(1, at().Size/8)
		}
		// What is left out is in front of a cut near the end, or else at the end.
		if !s.change(client, func(c *plan.Client) { shorten(c, request, piece, n, true) }) &&
			!s.change(client, func(c *plan.Client) { shorten(c, request, piece, n, false) }) {
			low = n
		}
	}
	if p := at(); p.Size <= 256 {
		written := s.best.Clone()
		pieces := slices.Clone(written.Clients[client].Requests[request].Pieces)
		pieces[piece] = plan.Piece{Text: p.Bytes()}
		written.Clients[client].Requests[request].Pieces = pieces
		s.best = written // the same on the wire: nothing need be played
	}
}

// shorten makes a generated piece n bytes long, by what is at its front or at its end; cuts behind it move to the front, and a
// count that a command gives with it goes along.
func shorten(c *plan.Client, request, piece, n int, front bool) {
	r := &c.Requests[request]
	start := offset(c, request)
	for _, before := range r.Pieces[:piece] {
		start += before.Len()
	}
	old := r.Pieces[piece].Size
	r.Pieces = slices.Clone(r.Pieces)
	r.Pieces[piece].Size = n
	if front {
		removed(c, start, start+old-n)
	} else {
		removed(c, start+n, start+old)
	}
	if piece > 0 && len(r.Pieces[piece-1].Text) > 0 {
		before := r.Pieces[piece-1].Text
		if counted, ok := bytes.CutSuffix(before, fmt.Appendf(nil, " %d\n", old)); ok {
			text := fmt.Appendf(bytes.Clone(counted), " %d\n", n)
			r.Pieces[piece-1].Text = text
			moved(c, start, len(text)-len(before))
		}
	}
}

// without leaves requests out, and moves the cuts behind them.
func without(c *plan.Client, from, to int) {
	start := offset(c, from)
	end := start
	for _, r := range c.Requests[from:to] {
		end += r.Len()
	}
	c.Requests = slices.Delete(c.Requests, from, to)
	removed(c, start, end)
}

// offset is how many bytes the client sends before a request.
func offset(c *plan.Client, request int) int {
	n := 0
	for _, r := range c.Requests[:request] {
		n += r.Len()
	}
	return n
}

// removed moves the cuts when the bytes from start to end are gone, and leaves out those that fall together or outside.
func removed(c *plan.Client, start, end int) {
	for i := range c.Cuts {
		switch at := &c.Cuts[i].At; {
		case *at >= end:
			*at -= end - start
		case *at > start:
			*at = start
		}
	}
	tidy(c)
}

// moved moves the cuts at and behind an offset.
func moved(c *plan.Client, from, by int) {
	for i := range c.Cuts {
		if c.Cuts[i].At >= from {
			c.Cuts[i].At += by
		}
	}
	tidy(c)
}

// tidy leaves out cuts that fall together, or lie outside of what is sent. Of an exchange only the file knows how long it is.
func tidy(c *plan.Client) {
	n := c.Len()
	if c.Exchanges() {
		n = plan.MaxBytes
	}
	last := 0
	c.Cuts = slices.DeleteFunc(c.Cuts, func(cut delivery.Cut) bool {
		if cut.At <= last || cut.At >= n {
			return true
		}
		last = cut.At
		return false
	})
}

// bytes leaves bytes out of the requests that are written out, whole characters where they are such.
func (s *shrinker) bytes() {
	for i := range s.best.Clients {
		for r := range s.best.Clients[i].Requests {
			s.text(i, r)
		}
	}
}

// text leaves characters out of a request: first halves, then smaller parts, then single ones.
func (s *shrinker) text(client, request int) {
	// What is left out may make one character of two halves around it, so they are counted anew each time.
	now := func() (text []byte, at []int) {
		text, ok := written(s.best.Clients[client].Requests[request])
		if !ok {
			return nil, nil
		}
		return text, characters(text)
	}
	_, at := now()
	for size := max(len(at)/2, 1); len(at) > 0; size /= 2 {
		for to := len(at); to > 0 && s.left > 0; {
			text, at := now()
			to = min(to, len(at))
			from := max(to-size, 0)
			if from == to {
				break
			}
			end := len(text)
			if to < len(at) {
				end = at[to]
			}
			s.change(client, func(c *plan.Client) { cutOut(c, request, at[from], end) })
			to = from
		}
		if _, at = now(); size == 1 {
			return
		}
	}
}

// written is the text of a request that is written out, which is not longer than is worth looking at byte by byte.
func written(r plan.Request) (text []byte, ok bool) {
	if r.Exchange != "" || r.Len() > 4096 || slices.ContainsFunc(r.Pieces, func(p plan.Piece) bool { return p.Size > 256 }) {
		return nil, false
	}
	return r.Bytes(), true
}

// characters are the offsets at which the characters of a text begin, and CR LF is one of them.
func characters(text []byte) []int {
	var at []int
	for i := 0; i < len(text); {
		at = append(at, i)
		_, n := utf8.DecodeRune(text[i:])
		if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			n = 2
		}
		i += n
	}
	return at
}

// cutOut leaves the bytes from start to end out of a request.
func cutOut(c *plan.Client, request, start, end int) {
	text, _ := written(c.Requests[request])
	before := offset(c, request)
	replace(c, request, slices.Concat(text[:start], text[end:]))
	removed(c, before+start, before+end)
}

// replace gives a request another text.
func replace(c *plan.Client, request int, text []byte) {
	c.Requests[request].Pieces = nil
	if len(text) > 0 {
		c.Requests[request].Pieces = []plan.Piece{{Text: text}}
	}
}

// count is a command that says how many bytes follow its line.
var count = regexp.MustCompile(`(?s)^([A-Z]+) ([0-9]+)(\r?\n)(.*)$`)

// counted shortens what follows a command together with the number that the command gives of it: to nothing, a half, and one
// character less.
func (s *shrinker) counted() {
	for i := range s.best.Clients {
		for r := 0; r < len(s.best.Clients[i].Requests); r++ {
			for s.left > 0 && s.shorterCount(i, r) {
			}
		}
	}
}

func (s *shrinker) shorterCount(client, request int) bool {
	text, ok := written(s.best.Clients[client].Requests[request])
	m := count.FindSubmatch(text)
	if !ok || m == nil {
		return false
	}
	n, err := strconv.Atoi(string(m[2]))
	if err != nil || n != len(m[4]) || n == 0 {
		return false
	}
	for _, part := range [][]byte{m[4][:n/2], m[4][n-n/2:], m[4][:n-1], m[4][1:]} {
		if len(part) == n || utf8.Valid(m[4]) != utf8.Valid(part) {
			continue
		}
		line := fmt.Appendf(nil, "%s %d%s", m[1], len(part), m[3])
		if s.change(client, func(c *plan.Client) {
			before := offset(c, request)
			head := len(text) - n
			replace(c, request, slices.Concat(line, part))
			if bytes.HasPrefix(m[4], part) {
				removed(c, before+head+len(part), before+head+n)
			} else {
				removed(c, before+head, before+head+n-len(part))
			}
			moved(c, before+head, len(line)-head)
		}) {
			return true
		}
	}
	return false
}

// simple writes the letter a in the place of all characters of a request that are no line ends and no part of a command; where
// that is too much at once, of one after another.
func (s *shrinker) simple() {
	for i := range s.best.Clients {
		for r := range s.best.Clients[i].Requests {
			s.lineEnds(i, r)
			places := s.places(i, r)
			if len(places) == 0 || s.plainly(i, r, places, "a") || s.plainly(i, r, places, wide) {
				continue
			}
			for k := range places {
				for _, letter := range []string{"a", wide, "b"} { // b is for where two must not be alike
					if s.plainly(i, r, places[k:k+1], letter) {
						break
					}
				}
			}
		}
	}
}

// lineEnds writes LF in the place of CR LF, the last first.
func (s *shrinker) lineEnds(client, request int) {
	text, ok := written(s.best.Clients[client].Requests[request])
	for at := len(text) - 2; ok && at >= 0; at-- {
		if text[at] == '\r' && text[at+1] == '\n' {
			s.change(client, func(c *plan.Client) { cutOut(c, request, at, at+1) })
		}
	}
}

// places are the numbers of the characters that can be the letter a as well.
func (s *shrinker) places(client, request int) []int {
	text, ok := written(s.best.Clients[client].Requests[request])
	if !ok {
		return nil
	}
	from := 0
	if s.best.Dialect == "script" {
		if from = data(text); from < 0 {
			return nil
		}
	}
	var all []int
	for k, at := range characters(text) {
		if at >= from && !bytes.ContainsRune([]byte("\r\nab"), rune(text[at])) {
			all = append(all, k)
		}
	}
	return all
}

// data is where what a command carries begins; -1 where it carries nothing.
func data(command []byte) int {
	if bytes.HasPrefix(command, []byte("WRITE ")) {
		return len("WRITE ")
	}
	if end := bytes.IndexByte(command, '\n'); end >= 0 && bytes.HasPrefix(command, []byte("READ")) {
		return end + 1
	}
	return -1
}

// wide stands for as many letters a as a character has bytes, so that every cut stays where it is.
const wide = ""

// plainly tries a letter in the place of these characters of a request. Cuts between characters stay between them.
func (s *shrinker) plainly(client, request int, places []int, letter string) bool {
	return s.change(client, func(c *plan.Client) {
		text, _ := written(c.Requests[request])
		start := offset(c, request)
		var plain []byte
		var shift []int // of each old offset
		chars := append(characters(text), len(text))
		for k := range chars[:len(chars)-1] {
			char := text[chars[k]:chars[k+1]]
			if slices.Contains(places, k) {
				if char = []byte(letter); letter == wide {
					char = bytes.Repeat([]byte("a"), chars[k+1]-chars[k])
				}
			}
			for j := range chars[k+1] - chars[k] {
				shift = append(shift, len(plain)+min(j, len(char)-1)-chars[k]-j)
			}
			plain = append(plain, char...)
		}
		shift = append(shift, len(plain)-len(text))
		head := 0
		if m := count.FindSubmatch(text); m != nil && s.best.Dialect == "script" {
			if n := len(m[4]) + len(plain) - len(text); string(m[2]) == strconv.Itoa(len(m[4])) {
				old := len(text) - len(m[4])
				line := fmt.Appendf(nil, "%s %d%s", m[1], n, m[3])
				head = len(line) - old
				plain = slices.Concat(line, plain[old:])
			}
		}
		replace(c, request, plain)
		for i, cut := range c.Cuts {
			switch at := cut.At - start; {
			case at > len(text):
				c.Cuts[i].At += shift[len(text)] + head
			case at > 0:
				c.Cuts[i].At += shift[at]
				if at >= data(text) {
					c.Cuts[i].At += head
				}
			}
		}
		tidy(c)
	})
}

// reduce leaves out parts of n things, as long as at least so many are left: first halves, then smaller parts, then single
// ones. without tries to leave out those from from to to, and says whether it did.
func reduce(n, least int, without func(from, to int) bool) {
	for size := max(n/2, 1); n > least; size /= 2 {
		for to := n; to > 0 && n > least; {
			from := max(to-size, 0)
			if n-(to-from) >= least && without(from, to) {
				n -= to - from
			}
			to = from
		}
		if size == 1 {
			return
		}
	}
}
