package exchange

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/exchange/outline"
	"github.com/streamspec/streamspec/internal/match"
)

// MostAnswer is how many bytes of one answer are taken. What goes on is cut off there, and never right.
const MostAnswer = 64 << 20

// An Expect is what an answer must be, as a file says it; nil is whatever the
// server says to the whole message.
type Expect []expected

// expected is a part of an answer: exactly these bytes, or what varies.
type expected struct {
	value Value
	like  func(scope) *match.Pattern // of what varies; nil for bytes
	names []string                   // that stand in it
	of    []Expect                   // of which it is made
	// same says that what the whole message was answered here must be answered under every delivery.
	same bool
	// coding says that the content alone counts, which must be the same too; 0 is none.
	coding match.Coding
	// unordered says that the order of some parts is free.
	unordered bool
}

// For returns the pattern on the connection of that name.
func (e Expect) For(conn string) *match.Pattern { return e.in(scope{names: connected(conn)}) }

func (e Expect) in(sc scope) *match.Pattern {
	var parts []*match.Pattern
	for _, p := range e {
		parts = append(parts, p.in(sc))
	}
	return match.Join(parts...)
}

func (p expected) in(sc scope) *match.Pattern {
	if p.like != nil {
		return p.like(sc)
	}
	return match.Text(p.value.in(sc))
}

// Right returns the pattern of right answers to the step as it is sent; nil where that is whatever the server says.
func (s Step) Right(names Names) *match.Pattern {
	if s.Expect == nil {
		return nil
	}
	return s.Expect.in(s.Send.scope(names))
}

// Literal returns the value that the answer must be, where all of it is given as such.
func (e Expect) Literal() (v Value, ok bool) {
	for _, p := range e {
		if p.like != nil {
			return nil, false
		}
		v = append(v, p.value...)
	}
	return v, len(e) > 0
}

// each visits all pieces of bytes, and those within what varies.
func (e Expect) each(visit func(piece)) {
	for _, p := range e {
		p.value.each(visit)
		for _, of := range p.of {
			of.each(visit)
		}
	}
}

// learned reports whether what the answer must be is learned in part.
func (e Expect) learned() bool {
	for _, p := range e {
		if p.same || p.coding != 0 {
			return true
		}
	}
	return false
}

// described is what a file says of a part of an answer, with an example.
type described struct {
	expect  Expect
	example []byte
}

// Right returns what must come there.
func (d described) Right(sc observed.Scope) (example []byte, like *match.Pattern) {
	in, ok := sc.(scope)
	if !ok {
		names, _ := sc.(Names)
		in = scope{names: names}
	}
	if v, literal := d.expect.Literal(); literal {
		return v.in(in), nil
	}
	return d.example, d.expect.in(in)
}

// Show shows what must come there, or the example of what varies.
func (d described) Show(v observed.Visitor) {
	if value, literal := d.expect.Literal(); literal {
		value.show(v, value.scope(connected(unnamed)))
		return
	}
	v.Text(d.example)
}

// template makes the template of answers of which that is expected. Each sample is divided into the parts of the expect.
func (e Expect) template(samples []observed.Sample, masks []observed.Mask, in func(Names) scope) (*observed.Template, error) {
	if !e.learned() {
		return observed.Of(described{e, samples[0].Answer}), nil
	}
	divided := make([][][]byte, len(samples))
	for i, s := range samples {
		divided[i] = e.divide(s.Answer, in(s.Names()))
	}
	t := &observed.Template{}
	for k, p := range e {
		if !p.same && p.coding == 0 {
			t.Append(observed.Of(described{e[k : k+1], divided[0][k]}))
			continue
		}
		var parts []observed.Sample
		for i, s := range samples {
			piece := divided[i][k]
			if content, n, ok := p.coding.Content(piece); p.coding != 0 && ok && n == len(piece) {
				piece = content
			}
			parts = append(parts, s.Part(piece))
		}
		learned, err := observed.Learn(parts, masks)
		if err != nil {
			return nil, err
		}
		if p.coding != 0 {
			learned = observed.Coded(p.coding, learned)
		}
		t.Append(learned)
	}
	return t, nil
}

// mostDivided is how many places are tried at which a part may end.
const mostDivided = 1000

// divide divides an answer into the parts of the expect. What does not match is the last part's.
func (e Expect) divide(answer []byte, sc scope) [][]byte {
	parts := make([][]byte, len(e))
	for k := range e {
		if k == len(e)-1 {
			parts[k] = answer
			break
		}
		n := e[k].ends(answer, e[k+1:].in(sc), sc)
		parts[k], answer = answer[:n], answer[n:]
	}
	return parts
}

// ends returns at which byte of the answer the part ends, behind which the rest comes: the last, where there are several.
func (p expected) ends(answer []byte, rest *match.Pattern, sc scope) (end int) {
	s := p.in(sc).Start()
	for i, tried := 0, 0; i < len(answer) && tried < mostDivided && s.Take(answer[i:i+1]) > 0; i++ {
		if !s.Complete() {
			continue
		}
		if tried++; rest.Matches(answer[i+1:]) {
			end = i + 1
		}
	}
	return end
}

// always is the part of an expect that is the same on every connection.
func always(p *match.Pattern) func(scope) *match.Pattern {
	return func(scope) *match.Pattern { return p }
}

// expect reads what an answer must be.
func (r *reader) expect(n ast.Node) Expect {
	if list, ok := n.(*ast.SequenceNode); ok && len(list.Values) > 0 {
		var all Expect
		for _, entry := range list.Values {
			all = append(all, r.expect(entry)...)
		}
		return all
	}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		if p, ok := r.expectPattern(n); ok || r.Err != nil {
			return Expect{p}
		}
	}
	return Expect{{value: r.value(n, "expect")}}
}

// patternKeys are what an answer may be that varies.
var patternKeys = []string{"pattern", "until", "lines", "reply", "frame", "either", "unordered", "same"}

// expectPattern reads a mapping that is a pattern; ok is false where it is none, but bytes.
func (r *reader) expectPattern(n ast.Node) (p expected, ok bool) {
	values, _ := outline.Entries(n)
	if len(values) == 0 {
		return p, false
	}
	for _, key := range valueKeys {
		if values[0].Key.GetToken().Value == key {
			return p, false
		}
	}
	ways := 0
	var of *outline.Field
	for _, f := range r.Fields(n, "expect", append(patternKeys[:len(patternKeys):len(patternKeys)], valueKeys...)...) {
		switch f.Key {
		case "same":
			p.same = r.Bool(f.Value, "same")
			continue
		case "of":
			of = &f
			continue
		}
		ways++
		r.way(&p, f)
	}
	if of != nil {
		r.holding(&p, *of)
	}
	if ways != 1 {
		r.Fail(n, "expect says in %d ways what must come: give a list to put one behind the other", ways)
	}
	return p, true
}

// way reads one of the ways to say what must come.
func (r *reader) way(p *expected, f outline.Field) {
	switch f.Key {
	case "pattern":
		p.like, p.names = r.pattern(f.Value)
	case "until":
		p.like = always(r.until(f.Value))
	case "lines":
		var lines []*match.Pattern
		for range r.Number(f.Value, "lines", 1, 1000) {
			lines = append(lines, match.Until([]byte("\n")))
		}
		p.like = always(match.Join(lines...))
	case "reply":
		p.like = always(r.reply(f.Value))
	case "either", "unordered":
		p.like, p.names, p.of = r.several(f)
		p.unordered = f.Key == "unordered"
	default:
		if s, ok := f.Value.(*ast.StringNode); ok && f.Key == "frame" {
			p.coding = map[string]match.Coding{"chunked": match.Chunked, "http1": match.HTTP1}[r.Choice(s, "frame", "chunked", "http1")]
			p.like = always(match.Coded(p.coding, nil))
			return
		}
		p.like = always(match.Framed(r.frame(f.Value)))
	}
}

// holding reads what the content of a frame must be: it is known then, and not learned.
func (r *reader) holding(p *expected, f outline.Field) {
	content, coding := r.expect(f.Value), p.coding
	switch {
	case r.Err == nil && coding == 0:
		r.Fail(f.At, "of says what the content of a frame must be that is http1 or chunked, and there is none here")
	case r.Err == nil && (p.same || content.learned()):
		r.Fail(f.At, "what is learned of an answer cannot stand in a frame: leave same out")
	}
	p.coding, p.names, p.of = 0, (&Step{Expect: content}).names(), []Expect{content}
	p.like = func(sc scope) *match.Pattern { return match.Coded(coding, content.in(sc)) }
}

// pattern reads a regular expression. Where names stand in it, it is made for each connection.
func (r *reader) pattern(n ast.Node) (like func(scope) *match.Pattern, names []string) {
	text := r.Text(n, "pattern")
	r.warnOfNames(n, text)
	v := textValue(r.filled(n, text, r.quoted), r.names...)
	compiled := func(sc scope) (*match.Pattern, error) {
		var expr strings.Builder
		for _, p := range v {
			if p.name != "" {
				expr.WriteString(regexp.QuoteMeta(sc.Named(p.name)))
			} else {
				expr.Write(p.text)
			}
		}
		return match.Regexp(expr.String(), "pattern")
	}
	p, err := compiled(scope{names: connected(unnamed)})
	if err != nil {
		r.Fail(n, "%v", err)
	}
	if !v.Named() {
		return always(p), nil
	}
	like = func(sc scope) *match.Pattern {
		if named, err := compiled(sc); err == nil {
			return named
		}
		return p // it was right with another name of the same kind
	}
	return like, v.names()
}

// mostEither is how many answers there may be of which one is right.
const mostEither = 32

// several reads what is one of several, or each of them in any order.
func (r *reader) several(f outline.Field) (like func(scope) *match.Pattern, names []string, all []Expect) {
	for _, n := range r.List(f.Value, f.Key) {
		e := r.expect(n)
		if r.Err == nil && e.learned() {
			r.Fail(n, "what is learned of an answer cannot stand in %s: leave same out", f.Key)
		}
		if r.Err == nil && slices.ContainsFunc(e, func(p expected) bool { return p.unordered }) {
			r.Fail(n, "unordered cannot stand in %s: there would be too many orders to tell apart", f.Key)
		}
		if r.Err == nil && e.For(unnamed).Matches(nil) {
			r.Fail(n, "%s wants answers of at least one byte", f.Key)
		}
		all, names = append(all, e), append(names, (&Step{Expect: e}).names()...)
	}
	join := match.Either
	if len(all) > mostEither {
		r.Fail(f.Value, "%s has %d answers: %d at most", f.Key, len(all), mostEither)
	}
	if f.Key == "unordered" {
		join = match.Unordered
		if len(all) > match.MostUnordered {
			r.Fail(f.Value, "unordered has %d answers: %d at most", len(all), match.MostUnordered)
		}
	}
	if r.Err != nil {
		return always(match.Join()), nil, nil
	}
	like = func(sc scope) *match.Pattern {
		var of []*match.Pattern
		for _, e := range all {
			of = append(of, e.in(sc))
		}
		return join(of...)
	}
	return like, names, all
}

// ends refuses an expect after which the answer may go on: no answer would be known to be whole before the server is silent.
func (r *reader) ends(n ast.Node, e Expect) {
	if r.Err != nil || e == nil {
		return
	}
	before, goesOn := e.For(unnamed).GoesOn()
	if !goesOn {
		return
	}
	if len(before) > 40 {
		before = before[:40]
	}
	r.Fail(n, `the pattern can go on after its match (%q matches, and so does more), so that no answer is known to be whole before the server falls silent: say what ends it, by {until: "\n"}, which may be a list of ends, {lines: 1}, {reply: 2xx} or {frame: …}; in a pattern [^\n]* in place of .* or (?s:.*)`, before)
}
