package properties

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/delivery"
	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
)

// byRapid makes the choices of a plan by the draws of a property, so that they shrink.
type byRapid struct{ t *rapid.T }

func (r byRapid) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(r.t, "choice") }

// forLong makes the same choices, but for the one that is made first of a hundred: whether a client sends a long payload.
type forLong struct {
	byRapid
	chosen bool
}

func (r *forLong) IntN(n int) int {
	if n == 100 && !r.chosen {
		r.chosen = true
		return n - 1
	}
	return r.byRapid.IntN(n)
}

// plans draws plans for a handler, of one client or of several.
func plans(t *rapid.T, d dialect.Dialect) plan.Plan {
	return fuzz.Draw(d, byRapid{t}, fuzz.Limits{Clients: 4, Resets: true})
}

// longPlans draws plans most of which have a payload as long as a border of a buffer, or of a limit.
func longPlans(t *rapid.T, d dialect.Dialect) plan.Plan {
	return fuzz.Draw(d, &forLong{byRapid: byRapid{t}}, fuzz.Limits{Clients: 2, Long: true, Resets: true})
}

// The clients of any plan, served in turn segment by segment, get of the handlers what is due to them: at each await, and at the
// end.
func TestPlans(t *testing.T) {
	for _, d := range dialect.All() {
		t.Run(d.Name(), rapid.MakeCheck(func(t *rapid.T) { check(t, d, plans(t, d)) }))
	}
}

// And of any plan with a long payload.
func TestLongPlans(t *testing.T) {
	for _, d := range dialect.All() {
		t.Run(d.Name(), rapid.MakeCheck(func(t *rapid.T) { check(t, d, longPlans(t, d)) }))
	}
}

func check(t *rapid.T, d dialect.Dialect, p plan.Plan) {
	if err := played(d, p); err != nil {
		t.Fatalf("%v, of\n%s", err, p)
	}
}

// played plays a plan to the handler of a dialect, without a network; the error is what was not right.
func played(d dialect.Dialect, p plan.Plan) error {
	handler, ok := reference.HandlerFor(d.Name())
	if !ok {
		return fmt.Errorf("there is no handler of %s", d.Name())
	}
	due, err := due.To(d, p)
	if err != nil {
		return err
	}
	if len(p.Clients) == 1 {
		return playedBy(handler, p.Clients[0], due[0], func() {})
	}
	errs := make([]error, len(p.Clients))
	inTurn(len(p.Clients), func(i int, pause func()) { errs[i] = playedBy(handler, p.Clients[i], due[i], pause) })
	return errors.Join(errs...)
}

// inTurn calls f n times, and lets one of the calls go on at a time: where it pauses or returns, it is the next one's turn.
func inTurn(n int, f func(i int, pause func())) {
	var going []func() (struct{}, bool)
	for i := range n {
		next, stop := iter.Pull(func(yield func(struct{}) bool) { f(i, func() { yield(struct{}{}) }) })
		defer stop()
		going = append(going, next)
	}
	for len(going) > 0 {
		going = slices.DeleteFunc(going, func(next func() (struct{}, bool)) bool {
			_, goesOn := next()
			return !goesOn
		})
	}
}

// playedBy plays what one client does, and pauses before each of its segments.
func playedBy(handler reference.Handler, c plan.Client, due due.Client, pause func()) error {
	s := &script{client: c, due: due, pause: pause, rest: due.Session.Request, cuts: c.Cuts}
	err := handler.Handle(reference.NewStreamHandler(s, reference.Config{}))
	switch fails := due.Session.End == dialect.ByFailure; {
	case s.wrong != nil:
		return s.wrong
	case c.End == delivery.Open || c.End == delivery.Reset:
		return nil
	case s.said < len(due.Session.Answers[0]):
		return fmt.Errorf("it said %d bytes, want %.80q", s.said, due.Session.Answers[0])
	case fails != (err != nil):
		return fmt.Errorf("the handler returned %v, and it must fail: %t", err, fails)
	}
	return nil
}

// A script is a connection to a client that does what a plan says. The handler asks for a segment when it has nothing to do any
// more, and so has said by then all that is due.
type script struct {
	client     plan.Client
	due        due.Client
	pause      func()
	at         int    // how many bytes were sent
	left, rest []byte // of the segment that is being read; of the request
	cuts       []delivery.Cut
	said, owed int // how many bytes of the right answer; how many were due by the last await
	wrong      error
}

var errReset = errors.New("the client has reset the connection")

func (s *script) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		if rounds := s.due.Rounds; len(rounds) > 0 && rounds[0].To == s.at {
			if s.owed += len(rounds[0].Turn.Answer); s.said != s.owed && s.wrong == nil {
				s.wrong = fmt.Errorf("after %d bytes it had said %d bytes, want %d, the last of them %.80q", s.at, s.said, s.owed, rounds[0].Turn.Answer)
			}
			s.due.Rounds = rounds[1:]
		}
		s.pause()
		s.next()
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	switch {
	case n == 0 && s.client.End == delivery.Reset:
		return 0, errReset
	case n == 0, len(s.left)+len(s.rest) == 0 && s.client.End == delivery.HalfCloseWithData:
		return n, io.EOF
	}
	return n, nil
}

func (s *script) Write(p []byte) (int, error) {
	want := s.due.Session.Answers[0][s.said:]
	if !bytes.HasPrefix(want, p) && s.wrong == nil {
		s.wrong = fmt.Errorf("behind %d bytes it said %.80q, want %.80q", s.said, p, want)
	}
	s.said += min(len(p), len(want))
	return len(p), nil
}

// next sends the next segment, up to a cut or an await.
func (s *script) next() {
	to := s.at + len(s.rest)
	if len(s.due.Rounds) > 0 {
		to = min(to, s.due.Rounds[0].To)
	}
	for len(s.cuts) > 0 && s.cuts[0].At <= s.at {
		s.cuts = s.cuts[1:]
	}
	if len(s.cuts) > 0 {
		to = min(to, s.cuts[0].At)
	}
	s.left, s.rest, s.at = s.rest[:to-s.at], s.rest[to-s.at:], to
}

// quiet keeps rapid from a line for each of its runs.
type quiet struct{ *testing.B }

func (quiet) Logf(string, ...any) {}

// BenchmarkPlans tells what it costs to draw plans beside playing and checking the same plans, in one run: 1 is that these cost
// nothing. Long payloads are copied by the model and by the handler, some times each.
func BenchmarkPlans(b *testing.B) {
	for _, d := range dialect.All() {
		b.Run(d.Name(), func(b *testing.B) { besideDrawing(b, d, plans) })
	}
	for _, d := range dialect.All() {
		b.Run("long/"+d.Name(), func(b *testing.B) { besideDrawing(b, d, longPlans) })
	}
}

func besideDrawing(b *testing.B, d dialect.Dialect, draw func(*rapid.T, dialect.Dialect) plan.Plan) {
	var took [2]time.Duration // of drawing, of drawing and checking
	both := [2]func(*rapid.T){
		func(t *rapid.T) { draw(t, d) },
		func(t *rapid.T) { check(t, d, draw(t, d)) },
	}
	seed := 0
	for b.Loop() {
		seed++
		if err := flag.Set("rapid.seed", strconv.Itoa(seed)); err != nil {
			b.Fatal(err)
		}
		for i := range both {
			i ^= seed & 1 // either is the first in turn: each leaves garbage to the other
			begin := time.Now()
			rapid.Check(quiet{b}, both[i])
			took[i] += time.Since(begin)
		}
	}
	b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "of-drawing")
}
