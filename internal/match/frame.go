package match

import (
	"bytes"
	"fmt"
)

// How the length of a frame is written.
type Written int

// The ways: a number of Width bytes; seven bits a byte, the least first, the highest bit set where another follows, as MQTT and many
// others have it; and digits.
const (
	Fixed Written = iota
	Varint
	Decimal
	Hex
)

// A Frame is bytes that begin with their own length.
type Frame struct {
	// Skip is how many bytes come before the length.
	Skip int
	// Written is how the length is written.
	Written Written
	// Width is how many bytes a fixed length has: 1, 2, 3, 4 or 8.
	Width int
	// Little says that a fixed length's least byte comes first.
	Little bool
	// Then is what stands between the length and what it counts. Digits want it, so that they have an end.
	Then []byte
	// Add is added to the length that was read, to say how many bytes follow it: -Width where the length counts itself.
	Add int
	// Most is the largest length that is right.
	Most int
}

// Framed returns the pattern of what a frame holds, its length included.
func Framed(f Frame) *Pattern { return &Pattern{parts: []part{{machine: &f, name: "frame"}}} }

func (f *Frame) words() string {
	how := map[Written]string{Varint: "in seven bits a byte", Decimal: "in decimal", Hex: "in hexadecimal"}[f.Written]
	if f.Written == Fixed {
		how = fmt.Sprintf("of %d bits", 8*f.Width)
	}
	return "a frame behind its length " + how
}

func (f *Frame) start() walker {
	w := &framing{f: f}
	if f.Skip == 0 {
		w.phase = inLength
	}
	return w
}

// The parts of a frame, in their order.
const (
	inSkip = iota
	inLength
	inThen
	inBody
)

// The most bytes of a length that is not fixed.
const (
	mostVarint = 8
	mostDigits = 20
	mostLength = 1 << 56 // so that a digit more does not overflow
)

// framing walks through a frame.
type framing struct {
	f     *Frame
	phase int
	at    int // bytes of the phase that were taken
	n     uint64
	left  int // bytes of the body
}

func (w *framing) step(b byte) (whole, open bool) {
	w.at++
	switch w.phase {
	case inSkip:
		if w.at == w.f.Skip {
			w.enter(inLength)
		}
		return false, true
	case inLength:
		done, ok, used := w.length(b)
		switch {
		case !ok:
			return false, false
		case !done:
			return false, true
		}
		if w.enter(inThen); used {
			return w.behind()
		}
		return w.step(b)
	case inThen:
		if len(w.f.Then) < w.at || w.f.Then[w.at-1] != b {
			return false, false
		}
		return w.behind()
	}
	w.left--
	return w.left == 0, w.left > 0
}

func (w *framing) enter(phase int) { w.phase, w.at = phase, 0 }

// behind goes on behind a byte of the header: where that was the last, to the body.
func (w *framing) behind() (whole, open bool) {
	if w.at < len(w.f.Then) {
		return false, true
	}
	n := int(min(w.n, 1<<62)) + w.f.Add
	if n < 0 || n > w.f.Most {
		return false, false
	}
	w.enter(inBody)
	w.left = n
	return n == 0, n > 0
}

// length takes a byte of the length; done says that the length is known, and used that the byte belongs to it.
func (w *framing) length(b byte) (done, ok, used bool) {
	switch w.f.Written {
	case Fixed:
		if w.f.Little {
			w.n |= uint64(b) << (8 * (w.at - 1))
		} else {
			w.n = w.n<<8 | uint64(b)
		}
		return w.at == w.f.Width, true, true
	case Varint:
		w.n |= uint64(b&0x7f) << (7 * (w.at - 1))
		return b < 0x80, w.at <= mostVarint, true
	}
	base := uint64(10)
	if w.f.Written == Hex {
		base = 16
	}
	v := bytes.IndexByte([]byte("0123456789abcdef")[:base], b|0x20*isLetter(b))
	if v < 0 {
		return true, w.at > 1, false
	}
	w.n = w.n*base + uint64(v)
	return false, w.at <= mostDigits && w.n < mostLength, true
}

// isLetter is 1 for a capital letter, of which the small one is 32 behind it.
func isLetter(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return 1
	}
	return 0
}

func (w *framing) run(b []byte) int {
	if w.phase != inBody {
		return 0
	}
	n := max(min(w.left-1, len(b)), 0)
	w.left -= n
	return n
}

// A reply is an answer of SMTP, FTP and their kind: a line that begins with a code of three digits. Where a - follows the code, lines
// follow up to one that begins with the same code and has no - behind it.
type reply struct{ codes []string }

// Reply returns the pattern of a reply with one of these codes, three characters each: digits, or x for any digit.
func Reply(codes ...string) *Pattern {
	return &Pattern{parts: []part{{machine: reply{codes}, name: "reply"}}}
}

func (r reply) words() string {
	text := ""
	for i, c := range r.codes {
		if i > 0 {
			text += " or "
		}
		text += c
	}
	return "a reply " + text + ", of one line or several"
}

func (r reply) start() walker { return &replying{codes: r.codes, first: true, same: true} }

// replying walks through a reply.
type replying struct {
	codes []string // that agree
	code  [3]byte
	pos   int  // in the line
	first bool // it is the first line
	same  bool // the line begins with the code
	last  bool // the line is the last
}

func (r *replying) step(b byte) (whole, open bool) {
	at := r.pos
	r.pos++
	switch {
	case r.first && at < 3:
		return false, r.digit(at, b)
	case at < 3:
		r.same = r.same && r.code[at] == b
	case at == 3 && r.first:
		if r.last = b == ' ' || b == '\r' || b == '\n'; !r.last && b != '-' {
			return false, false
		}
	case at == 3:
		r.last = r.same && (b == ' ' || b == '\r' || b == '\n')
	}
	if b != '\n' {
		return false, true
	}
	if r.last {
		return true, false
	}
	r.pos, r.first, r.same = 0, false, true
	return false, true
}

// digit takes a digit of the code, and reports whether a code has it.
func (r *replying) digit(at int, b byte) bool {
	var agreed []string
	for _, c := range r.codes {
		if '0' <= b && b <= '9' && (c[at] == b || c[at] == 'x') {
			agreed = append(agreed, c)
		}
	}
	r.codes, r.code[at] = agreed, b
	return len(agreed) > 0
}

func (r *replying) run(b []byte) int {
	if r.pos < 4 {
		return 0
	}
	n := bytes.IndexByte(b, '\n')
	if n < 0 {
		n = len(b)
	}
	r.pos += n
	return n
}
