package observed

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The bounds of what is suggested.
const (
	mostSuggested = 4       // masks
	mostLooked    = 1 << 20 // bytes of an answer
	leadingBytes  = 24      // of what comes before what varies
	closingBytes  = 8       // of what comes behind it
)

// suggest returns masks by which these answers would be the same; none where there are no such.
func suggest(samples []Sample, masks []Mask) []Mask {
	var found []Mask
	samples = slices.Clone(samples)
	for i, s := range samples {
		if len(s.Answer) > mostLooked {
			return nil
		}
		samples[i] = s.Part(s.Answer) // what was seen in it is by other masks
	}
	for range mostSuggested {
		all := slices.Concat(masks, found)
		if _, err := learnTokens(samples, all); err == nil {
			return found
		}
		m := suggestOne(samples, all)
		if m == nil {
			return nil
		}
		found = append(found, *m)
	}
	if _, err := learnTokens(samples, slices.Concat(masks, found)); err == nil {
		return found
	}
	return nil
}

// veiled stands where a mask takes something, or a name.
const veiled = "\x00\xff\x00veiled\x00\xff\x00"

// veil returns the answer with what is masked in it veiled.
func (s Sample) veil(masks []Mask) []byte {
	var b []byte
	at := 0
	for _, p := range s.masked(masks) {
		b, at = append(append(b, s.Answer[at:p.from]...), veiled...), p.to
	}
	return append(b, s.Answer[at:]...)
}

// suggestOne returns a mask for the first place at which the answers differ that no mask takes, with what stands around it; nil where
// they do not have the same lines, or nothing stands around it by which it is found.
func suggestOne(samples []Sample, masks []Mask) *Mask {
	var all [][]byte
	for _, s := range samples {
		all = append(all, s.veil(masks))
	}
	for _, lines := range together(all) {
		if alikeLines(lines) {
			continue
		}
		var line []Sample
		for _, l := range lines {
			line = append(line, Sample{Answer: l})
		}
		if _, err := learnTokens(line, nil); err != nil {
			return around(lines)
		}
	}
	return nil
}

// together are the lines of the answers, each with its like of the others; all is one line where they do not have as many.
func together(answers [][]byte) (all [][][]byte) {
	lines := make([][][]byte, len(answers))
	for i, a := range answers {
		if lines[i] = bytes.SplitAfter(a, []byte("\n")); len(lines[i]) != len(lines[0]) {
			return [][][]byte{answers}
		}
	}
	for k := range lines[0] {
		var of [][]byte
		for i := range answers {
			of = append(of, lines[i][k])
		}
		all = append(all, of)
	}
	return all
}

func alikeLines(lines [][]byte) bool {
	return !slices.ContainsFunc(lines, func(l []byte) bool { return !bytes.Equal(l, lines[0]) })
}

// around makes the mask of what differs in lines.
func around(lines [][]byte) *Mask {
	first := lines[0]
	before, behind := len(first), len(first)
	for _, l := range lines[1:] {
		before = min(before, common(first, l))
		behind = min(behind, commonEnd(first, l))
	}
	for _, l := range lines {
		behind = min(behind, len(l)-before)
	}
	var differs []byte
	for _, l := range lines {
		differs = append(differs, l[before:len(l)-behind]...)
	}
	class := classOf(differs)
	for before > 0 && class.word && class.has[first[before-1]] && !bytes.HasSuffix(first[:before], []byte(veiled)) {
		before--
	}
	for behind > 0 && class.word && class.has[first[len(first)-behind]] && !bytes.HasPrefix(first[len(first)-behind:], []byte(veiled)) {
		behind--
	}
	least, most := len(first), 0
	for _, l := range lines {
		n := len(l) - before - behind
		least, most = min(least, n), max(most, n)
	}
	lead, close := leading(first[:before]), closing(first[len(first)-behind:])
	times := fmt.Sprintf("{%d}", least)
	if least != most {
		if times = "+"; least == 0 {
			times = "*"
		}
		if len(close) == 0 || most > 1000 || class.expr == anyByte {
			return nil // nothing says where it ends
		}
	}
	if len(bytes.Trim(lead, "\r\n"))+len(bytes.Trim(close, "\r\n")) == 0 || least > 1000 { // it would be found everywhere
		return nil
	}
	expr := quotedExpr(lead) + class.expr + times + quotedExpr(close)
	m, err := NewMask("what varies", expr)
	if err != nil {
		return nil
	}
	return &m
}

func common(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func commonEnd(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// leading is what of b, behind what is veiled, comes last.
func leading(b []byte) []byte {
	if i := bytes.LastIndex(b, []byte(veiled)); i >= 0 {
		b = b[i+len(veiled):]
	}
	return b[max(0, len(b)-leadingBytes):]
}

// closing is what of b, before what is veiled, comes first.
func closing(b []byte) []byte {
	if i := bytes.Index(b, []byte(veiled)); i >= 0 {
		b = b[:i]
	}
	return b[:min(len(b), closingBytes)]
}

// Classes that take too much to be a word or a number.
const (
	printable = `[ -~]`
	anyByte   = `[\x00-\xff]`
)

// A class is a set of bytes.
type class struct {
	expr string
	word bool // what beside it is of the class too belongs to it, and is the same by chance
	has  [256]bool
}

// classes are the sets of which one is suggested, the narrowest first.
var classes = func() (all []class) {
	for _, expr := range []string{`[0-9]`, `[0-9a-f]`, `[0-9A-F]`, `[a-z]`, `[A-Z]`, `[0-9A-Za-z]`, `[0-9A-Za-z+/_=-]`, `[!-~]`, printable, anyByte} {
		c := class{expr: expr, word: !strings.ContainsAny(expr, `!+~\`)}
		re := regexp.MustCompile("^" + expr + "$")
		for v := range c.has {
			c.has[v] = re.MatchString(string(rune(v)))
		}
		all = append(all, c)
	}
	return all
}()

// classOf is the narrowest class that has all of these bytes.
func classOf(b []byte) class {
	for _, c := range classes {
		if !slices.ContainsFunc(b, func(v byte) bool { return !c.has[v] }) {
			return c
		}
	}
	return classes[len(classes)-1]
}

// quotedExpr writes bytes as they stand in an expression, without spaces: a report may break its lines there.
func quotedExpr(b []byte) string {
	var out strings.Builder
	for _, v := range b {
		switch {
		case v == '\r':
			out.WriteString(`\r`)
		case v == '\n':
			out.WriteString(`\n`)
		case v <= ' ' || v > '~':
			fmt.Fprintf(&out, `\x%02x`, v)
		default:
			out.WriteString(regexp.QuoteMeta(string(rune(v))))
		}
	}
	return out.String()
}

// pasted are masks as a file has them.
func pasted(masks []Mask) string {
	var all []string
	for _, m := range masks {
		all = append(all, "{name: "+m.Name+", pattern: "+Single(m.expr)+"}")
	}
	return "masks: [" + strings.Join(all, ", ") + "]"
}

// Single writes a text between single quotes, as YAML has it.
func Single(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// visible writes bytes between double quotes, each byte that is no text by its number.
func visible(b []byte) string {
	text := string(b)
	if strings.ToValidUTF8(text, "") == text && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\r' && r != '\n' && r != '\t' || r == 0x7f }) {
		return fmt.Sprintf("%q", b)
	}
	var out strings.Builder
	for _, v := range b {
		if v < 0x80 {
			quoted := fmt.Sprintf("%q", string(rune(v)))
			out.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		fmt.Fprintf(&out, `\x%02x`, v)
	}
	return `"` + out.String() + `"`
}
