package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/match"
)

// A Place is where in a conversation something is said.
type Place struct {
	Kind Kind
	Of   int // the message, for Before and Asked
	At   int // the step, for Setup and Before
}

// Kind is what a part of a conversation is there for.
type Kind int

// The kinds, in the order in which they come.
const (
	Greeted Kind = iota
	SetUp
	Before
	Asked
	Left
	Ended // the client's side has ended
)

// A Part of a conversation is one request that comes whole, and what the file says of its answer.
type Part struct {
	Place
	What   string // in words
	Send   []byte // nil where the server speaks first
	Expect *match.Pattern

	file *File
	step Step
}

// In returns the part where names mean that.
func (p Part) In(names Names) Part {
	if p.step.Send != nil {
		p.Send = p.step.Send.In(names)
	}
	p.Expect = p.file.beside(p.step.Right(names))
	return p
}

// Captured adds to names what the answer to the part holds of what is captured there. The error says what it lacks.
func (p Part) Captured(names Names, answer []byte) (Names, error) {
	return capturedOf(names, []Step{p.step}, [][]byte{answer})
}

// A Learner learns from conversations in which every message comes whole what the server answers.
type Learner struct {
	file    *File
	samples map[Place][]observed.Sample
	closed  map[int]bool // the server closed behind the message
	differs map[int]bool // the message was answered otherwise when it came again
	failed  map[int]error
	said    Names // what was captured last
	ends    bool  // the server closed at the end of the client's side
	lasts   bool  // and once it did not
}

// NewLearner returns one that knows nothing yet.
func NewLearner(f *File) *Learner {
	return &Learner{file: f, samples: map[Place][]observed.Sample{}, closed: map[int]bool{}, differs: map[int]bool{}, failed: map[int]error{}, said: connected(unnamed)}
}

// Conversation returns what to say about the message i on the connection of
// that name, the message itself twice where it may be.
func (l *Learner) Conversation(i int, conn string) []Part {
	f := l.file
	parts := f.opening(conn)
	m := f.Messages[i]
	for range 2 {
		for k, s := range m.Before {
			parts = append(parts, f.part(s, Place{Before, i, k}, fmt.Sprintf("step %d before %q", k+1, m.Name), conn))
		}
		parts = append(parts, f.part(m.Step, Place{Kind: Asked, Of: i}, fmt.Sprintf("%q", m.Name), conn))
		if m.Once {
			break
		}
	}
	return parts
}

// opening is what comes first on every connection.
func (f *File) opening(conn string) []Part {
	var parts []Part
	for k, s := range f.openers() {
		at, what := Place{Kind: SetUp, At: k}, fmt.Sprintf("step %d of the set-up", k+1)
		if f.Greets {
			at.At, what = k-1, fmt.Sprintf("step %d of the set-up", k)
		}
		if f.Greets && k == 0 {
			at, what = Place{Kind: Greeted}, "the greeting"
		}
		parts = append(parts, f.part(s, at, what, conn))
	}
	return parts
}

// openers are the steps that come first on every connection, the greeting as one without a request.
func (f *File) openers() []Step {
	var all []Step
	if f.Greets {
		all = append(all, Step{Expect: f.Greeting, Captures: f.Captures})
	}
	return append(all, f.Setup...)
}

// Leaving is what a client sends to leave; ok is false where it just ends its side.
func (l *Learner) Leaving(conn string) (p Part, ok bool) {
	if l.file.Leave == nil {
		return Part{}, false
	}
	return l.file.part(*l.file.Leave, Place{Kind: Left}, "the step that leaves", conn), true
}

func (f *File) part(s Step, at Place, what, conn string) Part {
	return Part{Place: at, What: what, file: f, step: s}.In(connected(conn))
}

// Expected returns what is known of the answer at a place: what was learned
// there, else what the file says; nil for neither.
func (l *Learner) Expected(p Part, names Names) *match.Pattern {
	if p.Expect != nil {
		return p.Expect
	}
	samples := l.samples[p.Place]
	if len(samples) == 0 {
		return nil
	}
	t, err := l.learn(p.Place)
	if err != nil {
		return nil
	}
	example, like := t.In(names)
	if like == nil {
		like = match.Text(example)
	}
	return l.file.beside(like)
}

// Heard notes an answer.
func (l *Learner) Heard(at Place, names Names, answer []byte) {
	if before := l.samples[at]; len(before) > 0 && bytes.Equal(before[0].Answer, answer) {
		answer = before[0].Answer // of long answers one is held
	}
	l.samples[at] = append(l.samples[at], observed.Heard(names, l.asked(answer)))
	for name, value := range names {
		if name != "conn" {
			l.said[name] = value
		}
	}
}

// asked is an answer without what the server said unasked before and behind it.
func (l *Learner) asked(answer []byte) []byte {
	if l.file.Unasked == nil {
		return answer
	}
	return l.file.Unasked.Trim(answer)
}

// File returns the file that is learned for.
func (l *Learner) File() *File { return l.file }

// Fits reports whether an answer at a place is as those that were heard there.
func (l *Learner) Fits(at Place, names Names, answer []byte) bool {
	if e := l.file.stepAt(at).Expect; e != nil && !e.learned() {
		return true // it has matched
	}
	_, err := l.learn(at, observed.Sample{Said: names, Answer: l.asked(answer)})
	return err == nil
}

// Fail notes that the message i was not answered as the file demands.
func (l *Learner) Fail(i int, err error) { l.failed[i] = err }

// Failed returns what Fail noted of the message i, or nil.
func (l *Learner) Failed(i int) error { return l.failed[i] }

// Closed notes that the server closed the connection behind the message i.
func (l *Learner) Closed(i int) { l.closed[i] = true }

// Differs notes that the message i was answered otherwise when it came again on its connection.
func (l *Learner) Differs(i int) { l.differs[i] = true }

// Ended notes what came when the client's side had ended, and whether the server closed then.
func (l *Learner) Ended(names Names, said []byte, closed bool) {
	if closed {
		l.ends = true
		l.Heard(Place{Kind: Ended}, names, said)
	} else {
		l.lasts = true
	}
}

// Lasts reports whether a connection was seen to stay open at the end of the client's side: it need not be waited for again.
func (l *Learner) Lasts() bool { return l.lasts }

// A known message is what was learned of it.
type known struct {
	before  []*observed.Template
	answer  *observed.Template
	closes  bool
	repeats bool  // it may come again on its connection
	err     error // *observed.Unstable
}

// Dialect returns the dialect of what was learned. The error names what is not
// stable where nothing can be judged by it: in the opening, or in every message.
func (l *Learner) Dialect(name string) (*Dialect, error) {
	d := &Dialect{File: l.file, name: name, said: l.said}
	var err error
	if d.opening, err = l.learnOpening(); err != nil {
		return nil, err
	}
	for i, m := range l.file.Messages {
		k := known{closes: m.Closes || l.closed[i], repeats: !m.Once && !l.closed[i] && !l.differs[i]}
		if k.err = l.failed[i]; k.err != nil {
			d.known = append(d.known, k)
			if err == nil {
				err = k.err
			}
			continue
		}
		for at := range m.Before {
			var t *observed.Template
			if t, k.err = l.learn(Place{Before, i, at}); k.err != nil {
				break
			}
			k.before = append(k.before, t)
		}
		if k.err == nil {
			k.answer, k.err = l.learn(Place{Kind: Asked, Of: i})
		}
		if k.err != nil && err == nil {
			err = fmt.Errorf("%q: %w", m.Name, k.err)
		}
		d.known = append(d.known, k)
	}
	if len(d.stable()) == 0 {
		return nil, err
	}
	if l.file.Leave != nil {
		if d.leave, err = l.learn(Place{Kind: Left}); err != nil {
			return nil, fmt.Errorf("the step that leaves: %w", err)
		}
	}
	if l.ends && !l.lasts {
		if d.farewell, err = l.learn(Place{Kind: Ended}); err != nil {
			return nil, fmt.Errorf("what is said when the client's side ends: %w", err)
		}
	}
	return d, nil
}

func (l *Learner) learnOpening() ([]*observed.Template, error) {
	var all []*observed.Template
	for _, p := range l.file.opening("") {
		t, err := l.learn(p.Place)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.What, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// learn makes the template of the answers at a place. Where the file says what the answer must be, that is what is known of it, but for
// the parts that must be the same as when the message came whole. What is captured of an answer varies in it. There may be more samples than
// the learner has.
func (l *Learner) learn(at Place, more ...observed.Sample) (*observed.Template, error) {
	step := l.file.stepAt(at)
	masks := l.file.Masks
	for _, c := range step.Captures {
		masks = append(slices.Clone(masks), *c.mask)
	}
	samples := append(slices.Clone(l.samples[at]), more...)
	for i := range samples {
		samples[i].Said = samples[i].Said.Without(named(step.Captures)...)
	}
	t, err := (*observed.Template)(nil), error(nil)
	if _, literal := step.Expect.Literal(); step.Expect == nil || len(samples) == 0 || literal && at.Kind == Ended {
		t, err = observed.Learn(samples, masks)
	} else {
		t, err = step.Expect.template(samples, masks, step.Send.scope)
	}
	if u := (*observed.Unstable)(nil); errors.As(err, &u) {
		u.Advice = l.file.Advice
	}
	return t, err
}

// stepAt is what the file says at a place.
func (f *File) stepAt(at Place) Step {
	switch at.Kind {
	case Greeted:
		return Step{Expect: f.Greeting, Captures: f.Captures}
	case SetUp:
		return f.Setup[at.At]
	case Before:
		return f.Messages[at.Of].Before[at.At]
	case Asked:
		return f.Messages[at.Of].Step
	case Left:
		return *f.Leave
	}
	return Step{Expect: f.Farewell}
}
