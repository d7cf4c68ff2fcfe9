package exchange

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Dialect is an exchange file, and what the server was heard to answer to its
// messages when they came whole. It is made by [Learner.Dialect].
type Dialect struct {
	File     *File
	name     string
	opening  []*observed.Template
	known    []known
	leave    *observed.Template
	farewell *observed.Template // nil where the server does not close when the client's side ends
	said     Names              // what names meant when it was learned: examples
}

// Exchanges is the dialect itself; of one that embeds it, what that is built on.
func (d *Dialect) Exchanges() *Dialect { return d }

// Of returns the dialect of exchanges that d is, or is built on; ok is false where it is neither.
func Of(d dialect.Dialect) (x *Dialect, ok bool) {
	built, ok := d.(interface{ Exchanges() *Dialect })
	if !ok {
		return nil, false
	}
	return built.Exchanges(), true
}

// Name is the word of the command line: the file's name, or a preset's.
func (d *Dialect) Name() string { return d.name }

// Summary says what a server of the protocol does.
func (d *Dialect) Summary() string { return "speaks " + d.File.Protocol }

// stable are the messages of which it is known what must be answered, the shortest first.
func (d *Dialect) stable() []int {
	var all []int
	for i, k := range d.known {
		if k.err == nil {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return d.File.Messages[a].Send.Len() - d.File.Messages[b].Send.Len()
	})
	return all
}

// Unusable returns why messages are not judged by, each with its message's name: *observed.Unstable, or what [Learner.Fail] was given.
func (d *Dialect) Unusable() []error {
	var all []error
	for i, k := range d.known {
		if k.err != nil {
			all = append(all, fmt.Errorf("%q: %w", d.File.Messages[i].Name, k.err))
		}
	}
	return all
}

// New returns the dialect of a file of which nothing was learned yet: it has a name and a file, and no sessions.
func New(f *File, name string) *Dialect {
	return &Dialect{File: f, name: name, said: connected(unnamed)}
}

// Masked says what in the answers varies and was masked, one line for each message that has such.
func (d *Dialect) Masked() []string {
	var all []string
	for i, k := range d.known {
		if k.err == nil && len(k.answer.Masked()) > 0 {
			all = append(all, fmt.Sprintf("%q: %s", d.File.Messages[i].Name, strings.Join(k.answer.Masked(), ", ")))
		}
	}
	return all
}

// Plain is the first message that is stable. Where there is none, since nothing was learned yet, it is unknown what a server answers to
// anything: then it is a connection on which the client says nothing, and the server whatever it likes.
func (d *Dialect) Plain(string) dialect.Session {
	if i := d.plain(); i >= 0 {
		return d.session(i, 1)
	}
	return dialect.Session{Name: "nothing", Answers: [][]byte{{}}, Like: []*match.Pattern{match.Anything()}, End: dialect.ByLeaving, Unasked: match.Anything()}
}

// plain is the first message of the file that is stable, one with nothing before it where there is such; -1 where none is.
func (d *Dialect) plain() int {
	first := -1
	for i, k := range d.known {
		if k.err == nil && len(d.File.Messages[i].Before) == 0 {
			return i
		}
		if k.err == nil && first < 0 {
			first = i
		}
	}
	return first
}

// Ending is Plain: a protocol's sessions end in its own way.
func (d *Dialect) Ending(id string) dialect.Session { return d.Plain(id) }

// Cuttable are all messages that are stable, the shortest first.
func (d *Dialect) Cuttable() []dialect.Session {
	var all []dialect.Session
	for _, i := range d.stable() {
		all = append(all, d.session(i, 1))
	}
	return all
}

// Turns are n times the first message that can be sent again and again, one whose answer is not long where there is such; none where no
// message can.
func (d *Dialect) Turns(_ string, n int) []dialect.Turn {
	const long = 64 << 10
	again := func(i int) bool {
		m, k := d.File.Messages[i], d.known[i]
		return k.err == nil && !k.closes && (n <= 1 || k.repeats) && m.Before == nil
	}
	best := -1
	for i := range d.known {
		if again(i) && (best < 0 || d.answerLen(best) > long && d.answerLen(i) <= long) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return slices.Repeat([]dialect.Turn{d.turn(best)}, min(n, d.together()))
}

// Opening is what comes first on every connection, on one of that name.
func (d *Dialect) Opening(conn string) []dialect.Turn {
	return d.turns(d.File.openers(), d.opening, nil, d.said.With("conn", conn))
}

// turns are steps, each with the answer that was learned, as far as it was; before are the steps that come before them on the connection.
func (d *Dialect) turns(steps []Step, answers []*observed.Template, before []Step, names Names) []dialect.Turn {
	var turns []dialect.Turn
	for k, s := range steps[:min(len(steps), len(answers))] {
		turns = append(turns, d.toldTurn(s, answers[k], slices.Concat(before, steps[:k]), s.Send.scope(names)))
	}
	return turns
}

// turn is the message i with the answer that was learned, behind the opening.
func (d *Dialect) turn(i int) dialect.Turn {
	least, _, _ := d.File.Messages[i].Send.Grows()
	return d.grownTurn(i, least)
}

// grownTurn is turn of a message whose part that grows has n bytes.
func (d *Dialect) grownTurn(i, n int) dialect.Turn {
	s, answer := d.File.Messages[i].Step, d.known[i].answer
	t := d.sizedTurn(s, answer, scope{d.said.With("conn", unnamed), s.Send.growth(), n})
	t.Bind = func(conn string) dialect.Turn {
		return d.toldTurn(s, answer, d.File.openers(), scope{d.said.With("conn", conn), s.Send.growth(), n})
	}
	if t.Exchange = d.File.Messages[i].Name; s.Send.growth() != nil {
		t.Exchange = grownName(t.Exchange, n)
	}
	return t
}

// toldTurn is the turn of a step that comes behind others, of whose answers it may hold something.
func (d *Dialect) toldTurn(s Step, answer *observed.Template, before []Step, sc scope) dialect.Turn {
	t := d.sizedTurn(s, answer, sc)
	if capturing(before) {
		t.Told = func(answers [][]byte) (dialect.Turn, error) {
			told, err := capturedOf(sc.names, before, answers)
			return d.sizedTurn(s, answer, scope{told, sc.grow, sc.n}), err
		}
	}
	return t
}

// capturing says whether a value is captured of the answer to one of the steps.
func capturing(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.Captures != nil })
}

func (d *Dialect) boundTurn(s Step, answer *observed.Template, names Names) dialect.Turn {
	return d.sizedTurn(s, answer, s.Send.scope(names))
}

// sizedTurn is a step in a scope.
func (d *Dialect) sizedTurn(s Step, answer *observed.Template, sc scope) dialect.Turn {
	example, like := answer.In(sc)
	if like == nil && d.File.Unasked != nil {
		like = match.Text(example)
	}
	return dialect.Turn{Request: s.Send.in(sc), Answer: example, Like: d.File.beside(like)}
}

// Pipelined are the messages of which several may be sent together.
func (d *Dialect) Pipelined() []int {
	var all []int
	for _, i := range d.stable() {
		if m := d.File.Messages[i]; m.Pipelines && d.known[i].repeats {
			all = append(all, i)
		}
	}
	return all
}

// Copies is the session of n times the message i, sent together.
func (d *Dialect) Copies(i, n int) dialect.Session { return d.session(i, n) }

// Joined is the session of several turns whose requests are sent together.
func (d *Dialect) Joined(turns []dialect.Turn) dialect.Session {
	return d.bound(d.File.openers(), func(names Names, answers [][]byte) dialect.Session {
		s := d.around(names)
		s.Name = fmt.Sprintf("%d requests", len(turns))
		requests, answered, like := [][]byte{s.Request}, make([][]byte, 0, len(turns)), make([]*match.Pattern, 0, len(turns))
		for _, t := range turns {
			if t.Bind != nil {
				t = t.Bind(names["conn"])
			}
			if t.Told != nil && answers != nil {
				if told, err := t.Told(answers); err == nil { // which the session has said already
					t = told
				}
			}
			requests, answered, like = append(requests, t.Request), append(answered, t.Answer), append(like, t.Pattern())
		}
		s.Request = bytes.Join(requests, nil)
		answer(&s, bytes.Join(answered, nil), match.Join(like...))
		return s
	})
}

// Beginning is two thirds of the request.
func (d *Dialect) Beginning(request []byte) []byte {
	return request[:max(min(1, len(request)), len(request)*2/3)]
}

// session delivers copies of the message i.
func (d *Dialect) session(i, copies int) dialect.Session {
	n := 0
	if g := d.File.Messages[i].Send.growth(); g != nil {
		n = g.From
	}
	return d.sized(i, copies, n)
}

// sized is a session of the message i, whose part that grows has n bytes.
func (d *Dialect) sized(i, copies, n int) dialect.Session {
	m, k := d.File.Messages[i], d.known[i]
	return d.bound(slices.Concat(d.File.openers(), m.Before), func(names Names, _ [][]byte) dialect.Session {
		s := d.around(names)
		s.Opening = append(s.Opening, d.turns(m.Before, k.before, d.File.openers(), names)...)
		s.Name, s.Exchanges = fmt.Sprintf("%q", m.Name), slices.Repeat([]string{m.Name}, copies)
		if copies > 1 {
			s.Name = fmt.Sprintf("%d times %q", copies, m.Name)
		}
		if k.closes {
			s.End, s.Closing, s.Farewell = dialect.ByServer, nil, nil
		}
		if m.Refused != nil {
			s.Refused = m.Refused.For(unnamed)
		}
		t := d.sizedTurn(m.Step, k.answer, scope{names, m.Send.growth(), n})
		s.Request = bytes.Repeat(t.Request, copies)
		answer(&s, bytes.Repeat(t.Answer, copies), match.Join(slices.Repeat([]*match.Pattern{t.Pattern()}, copies)...))
		return s
	})
}

// Named is the session of the messages of these names, sent together. Its error says which name there is not, or which
// message cannot be sent together with others.
func (d *Dialect) Named(names []string) (dialect.Session, error) {
	var turns []dialect.Turn
	for _, name := range names {
		i, n, ok := d.find(name)
		switch {
		case !ok:
			return dialect.Session{}, fmt.Errorf("the file has no exchange %q", name)
		case i >= len(d.known) || d.known[i].err != nil:
			return dialect.Session{}, fmt.Errorf("the answer to the exchange %q is not stable", name)
		case len(names) == 1:
			return calledAs(d.sized(i, 1, n), names), nil
		case !slices.Contains(d.Pipelined(), i):
			return dialect.Session{}, fmt.Errorf("the exchange %q cannot be sent together with others", name)
		}
		turns = append(turns, d.grownTurn(i, n))
	}
	if len(turns) == 0 {
		return dialect.Session{}, fmt.Errorf("no exchange is named")
	}
	return calledAs(d.Joined(turns), names), nil
}

// calledAs is a session of the exchanges of these names, on every connection.
func calledAs(s dialect.Session, names []string) dialect.Session {
	s.Exchanges = names
	if bind := s.Bind; bind != nil {
		s.Bind = func(conn string) dialect.Session { return calledAs(bind(conn), names) }
	}
	if told := s.Told; told != nil {
		s.Told = func(answers [][]byte) (dialect.Session, error) {
			s, err := told(answers)
			return calledAs(s, names), err
		}
	}
	return s
}

// around is a session with what a client does before and behind its request.
func (d *Dialect) around(names Names) dialect.Session {
	s := dialect.Session{End: dialect.ByLeaving, Opening: d.turns(d.File.openers(), d.opening, nil, names), Unasked: d.File.Unasked}
	if d.leave != nil {
		s.Closing = []dialect.Turn{d.boundTurn(*d.File.Leave, d.leave, names)}
	}
	if d.farewell != nil {
		t := d.boundTurn(Step{}, d.farewell, names)
		s.Farewell = &t
	}
	return s
}

// answer gives a session its right answer.
func answer(s *dialect.Session, example []byte, like *match.Pattern) {
	s.Answers, s.Like = append(s.Answers, example), append(s.Like, nil)
	if like.Varies() {
		s.Like[len(s.Like)-1] = like
	}
}

// bound is the session that build makes for each connection, and where a value of the answers to the steps before it is used, of those.
func (d *Dialect) bound(before []Step, build func(names Names, answers [][]byte) dialect.Session) dialect.Session {
	s := build(d.said.With("conn", unnamed), nil)
	s.Bind = func(conn string) dialect.Session {
		names := d.said.With("conn", conn)
		s := build(names, nil)
		if capturing(before) {
			s.Told = func(answers [][]byte) (dialect.Session, error) {
				told, err := capturedOf(names, before, answers)
				return build(told, answers), err
			}
		}
		return s
	}
	return s
}

// HalfClosed returns the session as one that the client's half-close ends: the
// answer must come; what the server is known to say at the end, or what the file lets it say, may come behind it.
func (d *Dialect) HalfClosed(s dialect.Session) dialect.Session {
	return d.halfClosed(s, d.said.With("conn", unnamed))
}

func (d *Dialect) halfClosed(s dialect.Session, names Names) dialect.Session {
	if bind := s.Bind; bind != nil {
		s.Bind = func(conn string) dialect.Session { return d.halfClosed(bind(conn), names.With("conn", conn)) }
	}
	if tell := s.Told; tell != nil {
		s.Told = func(answers [][]byte) (dialect.Session, error) {
			told, err := tell(answers)
			return d.halfClosed(told, names), err
		}
	}
	example, like := s.Answers[0], s.Pattern(0)
	s.Answers, s.Like = slices.Clone(s.Answers), slices.Clone(s.Like)
	if s.End == dialect.ByLeaving {
		s.End = dialect.ByClient
	}
	if t := s.Farewell; t != nil && len(t.Answer) > 0 {
		answer(&s, slices.Concat(example, t.Answer), match.Join(like, t.Pattern()))
	}
	if f := d.File.Farewell; f != nil {
		said, _ := f.Literal() // of a pattern there is no example
		answer(&s, slices.Concat(example, said.In(names)), match.Join(like, f.in(scope{names: names})))
	}
	s.Closing, s.Farewell = nil, nil
	return s
}
