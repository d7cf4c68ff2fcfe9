package exchange

import (
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/match"
)

// Conn is what a file writes where the connection's own name is to stand. A
// name is NameLength bytes of lower-case letters and digits, a letter first, so
// that a length that is written by hand holds for all of them.
const (
	Conn       = "{{conn}}"
	NameLength = 10
)

// mostValue is how many bytes one value may come to.
const mostValue = 4 << 20

// mostPieces is of how many pieces one value may be made by repeating.
const mostPieces = 100_000

// A Value is bytes that are sent or expected, among which names may stand that mean other bytes on each connection.
type Value []piece

// A piece of a value: the first of these that is set.
type piece struct {
	name    string   // what that name means stands here
	counted *counted // bytes behind their length, which is not always the same
	grow    *Growth  // a part whose length is free
	grown   bool     // what stands there in what was sent
	text    []byte
}

// counted are bytes behind their length.
type counted struct {
	length   match.Length
	then, of Value
}

// A Growth is a part of a message whose length is free: that many bytes of a text, over and over.
type Growth struct {
	From, To int
	Of       []byte
}

// bytes are n bytes of it.
func (g *Growth) bytes(n int) []byte {
	if g == nil {
		return nil
	}
	return slices.Repeat(g.Of, n/len(g.Of)+1)[:n]
}

// Names are what names between braces mean on a connection.
type Names = observed.Names

// connected are the names of a connection of which nothing was captured.
func connected(conn string) Names { return observed.Connected(conn) }

// A scope is what the pieces of a message mean: its names, and how long the part is that grows.
type scope struct {
	names Names
	grow  *Growth
	n     int
}

// Bytes returns the value on the connection of that name.
func (v Value) Bytes(conn string) []byte { return v.In(connected(conn)) }

// In returns the value where names mean that. What is not known stands there as it is written.
func (v Value) In(names Names) []byte { return v.in(v.scope(names)) }

// scope is that of a message which is sent with its growing part as short as it may be.
func (v Value) scope(names Names) scope {
	g := v.growth()
	if g == nil {
		return scope{names: names}
	}
	return scope{names, g, g.From}
}

func (v Value) in(sc scope) []byte { return v.appendTo(make([]byte, 0, v.length(sc)), sc) }

func (v Value) appendTo(b []byte, sc scope) []byte {
	for _, p := range v {
		switch {
		case p.name != "":
			b = append(b, sc.Named(p.name)...)
		case p.counted != nil:
			b = append(b, p.counted.length.Write(p.counted.of.length(sc))...)
			b = p.counted.of.appendTo(p.counted.then.appendTo(b, sc), sc)
		case p.grow != nil || p.grown:
			b = append(b, sc.grow.bytes(sc.n)...)
		default:
			b = append(b, p.text...)
		}
	}
	return b
}

// Named is what a name means.
func (sc scope) Named(name string) string { return sc.names.Named(name) }

// length is how many bytes the value comes to.
func (v Value) length(sc scope) int {
	n := 0
	for _, p := range v {
		switch {
		case p.name == "conn": // also where its name is shown between braces
			n += NameLength
		case p.name != "":
			n += len(sc.Named(p.name))
		case p.counted != nil:
			of := p.counted.of.length(sc)
			n += len(p.counted.length.Write(of)) + p.counted.then.length(sc) + of
		case p.grow != nil || p.grown:
			n += sc.n
		default:
			n += len(p.text)
		}
	}
	return n
}

// Len returns how many bytes the value comes to.
func (v Value) Len() int { return v.length(v.scope(connected(unnamed))) }

// unnamed stands for a connection's name where only the length matters.
var unnamed = strings.Repeat("c", NameLength)

// growth is the part whose length is free, or nil.
func (v Value) growth() (g *Growth) {
	v.each(func(p piece) {
		if p.grow != nil {
			g = p.grow
		}
	})
	return g
}

// Grows says how short and how long the part may be whose length is free; ok is false where there is none.
func (v Value) Grows() (least, most int, ok bool) {
	g := v.growth()
	if g == nil {
		return 0, 0, false
	}
	return g.From, g.To, true
}

// each visits all pieces, and those within them.
func (v Value) each(visit func(piece)) {
	for _, p := range v {
		if visit(p); p.counted != nil {
			p.counted.then.each(visit)
			p.counted.of.each(visit)
		}
	}
}

// names are the names that stand in the value.
func (v Value) names() (all []string) {
	v.each(func(p piece) {
		if p.name != "" {
			all = append(all, p.name)
		}
	})
	return all
}

// Named reports whether a name stands in the value.
func (v Value) Named() bool { return len(v.names()) > 0 }

// fixed reports whether the value has the same length everywhere.
func (v Value) fixed() bool {
	same := true
	v.each(func(p piece) { same = same && p.grow == nil && !p.grown && (p.name == "" || p.name == "conn") })
	return same
}

// plain is the value of bytes that mean themselves.
func plain(b []byte) Value { return Value{{text: b}} }
