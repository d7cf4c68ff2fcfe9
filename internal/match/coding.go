package match

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A Coding is a way in which content is sent in pieces whose borders mean nothing.
type Coding int

// The codings.
const (
	// Chunked is a body in HTTP/1.1's chunks, with its trailers (RFC 9112, 7.1).
	Chunked Coding = iota + 1
	// HTTP1 is a whole answer of HTTP/1.1: its head, and a body in chunks or of as many bytes as the head says. Its content is the head
	// and what the body holds.
	HTTP1
)

// mostHead is how many bytes the head of an answer, or a line between chunks, may have.
const mostHead = 64 << 10

// Coded returns the pattern of answers whose content p matches; nil is any content.
func Coded(c Coding, p *Pattern) *Pattern {
	return &Pattern{parts: []part{{machine: coded{c, p}, name: "content"}}}
}

type coded struct {
	coding Coding
	of     *Pattern
}

func (c coded) words() string {
	how := "an HTTP/1.1 answer"
	if c.coding == Chunked {
		how = "chunks"
	}
	if c.of == nil {
		return how
	}
	return how + " with the content " + c.of.Words()
}

func (c coded) start() walker {
	d := &decoder{coding: c.coding}
	if c.of != nil {
		d.state = c.of.Start()
	}
	return d.begin()
}

// Content returns what an answer that begins with coded bytes holds, and how many bytes are coded; ok is false where they are not whole.
func (c Coding) Content(b []byte) (content []byte, n int, ok bool) {
	d := (&decoder{coding: c, kept: []byte{}, keep: true}).begin()
	for n < len(b) {
		k := d.run(b[n:])
		if n += k; k > 0 {
			continue
		}
		whole, open := d.step(b[n])
		if n++; !open {
			return d.kept, n, whole
		}
	}
	return d.kept, n, d.toEnd
}

// Example returns bytes with this content: in one chunk, where they may be in chunks.
func (c Coding) Example(content []byte) []byte {
	head := []byte{}
	if c == HTTP1 {
		d := (&decoder{coding: c}).begin()
		n := 0
		for ; n < len(content) && d.place == inHead; n++ {
			if _, open := d.step(content[n]); !open {
				break
			}
		}
		if d.place != inSize {
			return content
		}
		head, content = content[:n:n], content[n:]
	}
	chunk := fmt.Appendf(head, "%x\r\n%s\r\n", len(content), content)
	if len(content) == 0 {
		chunk = head
	}
	return append(chunk, "0\r\n\r\n"...)
}

// The places in coded bytes.
const (
	inHead    = iota
	inSize    // the line with the size of a chunk
	inData    // of a chunk, or a body of a known length
	inLineEnd // behind the data of a chunk
	inTrailer
	inRest // a body up to the end of the stream
)

// A decoder walks through coded bytes, and compares or keeps their content.
type decoder struct {
	coding Coding
	state  *State // of the content; nil where any is right
	keep   bool
	kept   []byte

	place  int
	line   []byte
	left   int
	chunks bool // the data is a chunk
	toEnd  bool // the end of the stream alone ends it
}

func (d *decoder) begin() *decoder {
	d.place = inSize
	if d.coding == HTTP1 {
		d.place = inHead
	}
	return d
}

// content takes bytes of the content, and returns how many of them agree.
func (d *decoder) content(b []byte) int {
	if d.keep {
		d.kept = append(d.kept, b...)
	}
	if d.state != nil {
		return d.state.Take(b)
	}
	return len(b)
}

// whole says whether the content is.
func (d *decoder) whole() bool { return d.state == nil || d.state.Complete() }

func (d *decoder) step(b byte) (whole, open bool) {
	if d.place == inHead || d.place == inData || d.place == inRest {
		if d.content([]byte{b}) == 0 {
			return false, false
		}
	}
	switch d.place {
	case inData:
		return d.behindData(1)
	case inRest:
		return d.whole(), true
	}
	if d.line = append(d.line, b); len(d.line) > mostHead {
		return false, false
	}
	if b != '\n' {
		return false, d.place != inLineEnd || b == '\r'
	}
	line := bytes.TrimRight(d.line, "\r\n")
	switch d.place {
	case inHead:
		if !bytes.HasSuffix(d.line, []byte("\n\r\n")) && !bytes.HasSuffix(d.line, []byte("\n\n")) {
			return false, true
		}
		return d.behindHead()
	case inSize:
		return false, d.size(line)
	case inLineEnd:
		d.place, d.line = inSize, d.line[:0]
		return false, len(line) == 0
	}
	d.line = d.line[:0]
	return len(line) == 0 && d.whole(), len(line) > 0
}

// size takes the line with the size of a chunk.
func (d *decoder) size(line []byte) bool {
	text, _, _ := strings.Cut(string(line), ";")
	n, err := strconv.ParseUint(strings.TrimSpace(text), 16, 32)
	d.line, d.left, d.chunks, d.place = d.line[:0], int(n), true, inData
	if n == 0 {
		d.place = inTrailer
	}
	return err == nil
}

// behindData goes on behind n bytes of data.
func (d *decoder) behindData(n int) (whole, open bool) {
	switch d.left -= n; {
	case d.left > 0:
		return false, true
	case d.chunks:
		d.place = inLineEnd
		return false, true
	}
	return d.whole(), false
}

// behindHead finds out how long the body is.
func (d *decoder) behindHead() (whole, open bool) {
	head := string(d.line)
	d.line = nil
	lines := strings.Split(head, "\n")
	status := ""
	if words := strings.Fields(lines[0]); len(words) > 1 {
		status = words[1]
	}
	length, chunked := -1, false
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); strings.ToLower(name) {
		case "content-length":
			n, err := strconv.ParseUint(value, 10, 40)
			if err != nil {
				return false, false
			}
			length = int(n)
		case "transfer-encoding":
			chunked = strings.HasSuffix(strings.ToLower(value), "chunked")
		}
	}
	switch {
	case len(status) == 3 && status[0] == '1': // an interim answer, behind which the answer comes
		return false, true
	case status == "204" || status == "304":
		return d.whole(), false
	case chunked:
		d.place = inSize
		return false, true
	case length == 0:
		return d.whole(), false
	case length > 0:
		d.place, d.left = inData, length
		return false, true
	}
	d.place, d.toEnd = inRest, true
	return d.whole(), true
}

func (d *decoder) run(b []byte) int {
	switch {
	case d.place == inRest && d.state != nil:
		return d.state.run(b)
	case d.place != inData || d.left < 2:
		return 0
	}
	n := d.content(b[:min(len(b), d.left-1)])
	d.left -= n
	return n
}
