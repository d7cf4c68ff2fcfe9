package fuzzer

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/plan"
)

// How a plan is made smaller inside of requests that are written out.

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
		displace(c, func(place int) int {
			switch at := place - start; {
			case at > len(text):
				return place + shift[len(text)] + head
			case at > 0 && at >= data(text):
				return place + shift[at] + head
			case at > 0:
				return place + shift[at]
			}
			return place
		})
	})
}
