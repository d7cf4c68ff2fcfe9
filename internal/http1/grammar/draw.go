package grammar

import (
	"fmt"
	"strings"
	"sync"
)

// Limits bound what is drawn by what the server does.
type Limits struct {
	Before int  // how many messages come before the last, at the most
	Posts  bool // the connection goes on behind a POST
	Old    bool // the server speaks HTTP/1.0: what that does not have is not drawn, see [Stream.Modern]
}

// Draw returns the stream that a source makes: about as many valid ones as nearly valid ones.
func Draw(src Source, l Limits) Stream {
	var s Stream
	if l.Before > 0 && src.IntN(3) == 0 {
		for range 1 + src.IntN(min(l.Before, 4)) {
			s.Before = append(s.Before, plain(src, l))
		}
	}
	if src.IntN(5) < 2 {
		s.Last = valid(src, l.Old)
		return s
	}
	s.Last = Message{Class: pick(src, l.classes()), Fields: others(src)}
	if v := s.Last.Class.values; len(v) > 0 {
		s.Last.Value = pick(src, v)
	}
	if src.IntN(2) == 0 {
		s.Last.Chunks = []Chunk{{Hidden: true}}
	}
	return s
}

// classes are those that are drawn.
func (l Limits) classes() []*Class {
	if l.Old {
		return oldClasses()
	}
	return classes
}

// oldClasses are those that a server of HTTP/1.0 is asked.
var oldClasses = sync.OnceValue(func() (old []*Class) {
	for _, c := range classes {
		if !c.modern() {
			old = append(old, c)
		}
	}
	return old
})

func pick[T any](src Source, all []T) T { return all[src.IntN(len(all))] }

// plain is a valid message that every server takes, and behind which the connection goes on.
func plain(src Source, l Limits) Message {
	m := Message{Fields: others(src)}
	switch n := src.IntN(8); {
	case n < 3 || !l.Posts && n > 4:
	case n == 3:
		m.Method = "HEAD"
	case n == 4:
		m.Target = query(src)
	case n == 5 || l.Old:
		m.Framed, m.Chunks = pick(src, lengths), []Chunk{contents(src)}
	default:
		m.Framed = pick(src, codings)
		for range src.IntN(4) {
			m.Chunks = append(m.Chunks, chunk(src))
		}
		m.Zeros = pick(src, []string{"", "", "000"})
	}
	return m
}

// valid is any valid message.
func valid(src Source, old bool) Message {
	m := plain(src, Limits{Posts: true, Old: old})
	switch src.IntN(12) {
	case 0:
		m.Framed = pick(src, map[bool][]string{false: odd, true: oddLengths}[old])
		m.Method, m.Target, m.Zeros, m.Chunks = "", "", "", []Chunk{contents(src)}
	case 1:
		m.Fields = append(m.Fields, pick(src, []string{"Connection: close", "Connection: CLOSE", "Connection: x, close"}))
	case 2:
		m.Old = !m.chunked()
	case 3:
		m.Target = map[bool]string{true: "http://{H}{Q}", false: "http://{H}{P}"}[m.method() == "POST"]
	case 4:
		m.Target = "{X}"
	case 5:
		if m.Framed != "" && !old {
			m.Fields = append(m.Fields, pick(src, []string{"Expect: 100-continue", "Expect: 100-Continue"}))
		}
	case 6:
		m.Method = pick(src, []string{"DELETE", "OPTIONS", "PUT", "PATCH", "GET", "HEAD", "POST"})
		m.Target = "{P}"
	case 7:
		if m.chunked() {
			m.Extra = []string{pick(src, []string{"X-Probe: a", "Content-Length: 50", "Host: trailer.example", "Transfer-Encoding: chunked"})}
		}
	case 8:
		if m.chunked() && len(m.Chunks) > 0 {
			m.Chunks[0].Ext = pick(src, []string{` ; a = b`, `;a="q;\"x"`, "\t;a"})
		}
	}
	return m
}

// others are field lines that do not matter.
func others(src Source) (all []string) {
	if src.IntN(2) == 0 {
		return nil
	}
	for i := range 1 + src.IntN(3) {
		all = append(all, pick(src, []string{"X-Probe: a", "x-pRoBe:b", "X-Probe:", "X-Probe:   c  d  ", "Accept: */*"}))
		if src.IntN(8) == 0 {
			all[i] = fmt.Sprintf("X-Probe-%d: %s", i, strings.Repeat("v", 1<<src.IntN(11)))
		}
	}
	return all
}

func query(src Source) string { return "{P}?" + strings.Repeat("a", 1<<src.IntN(8)) }

// contents are those of a chunk, as the application sees them.
func contents(src Source) Chunk {
	switch src.IntN(4) {
	case 0:
		return Chunk{Hidden: true}
	case 1:
		return Chunk{Data: strings.Repeat("0\r\n\r\n", 1+src.IntN(3)), Hidden: src.IntN(2) == 0}
	case 2:
		return Chunk{Data: strings.Repeat("b", 1<<src.IntN(10)+src.IntN(3)-1)}
	}
	return Chunk{Data: "hello"}
}

// sizes are how the size of a chunk is written.
var sizes = []string{"", "%X", "%04x"}

// chunk is one of a body in chunks.
func chunk(src Source) Chunk {
	c := contents(src)
	c.Size = pick(src, sizes)
	if src.IntN(3) == 0 {
		c.Ext = pick(src, []string{";a", ";a=b", ";a;b=c"})
	}
	return c
}
