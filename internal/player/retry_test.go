package player

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// found is an attempt by its letter: m missing, g gone, G gone for sure, w wrong, j wrong where the delivery was not as planned,
// u undecided, n not shown, . right.
func found(letter byte) *finding.Finding {
	switch letter {
	case 'm':
		return finding.New(finding.Missing, "missing")
	case 'g':
		return finding.New(finding.Gone, "gone")
	case 'G':
		f := finding.New(finding.Gone, "gone for sure")
		f.Certain = true
		return f
	case 'w':
		return finding.NewBroken("wrong")
	case 'j':
		f := finding.NewBroken("wrong")
		f.Unplanned = true
		return f
	case 'u':
		return finding.NewUndecided("undecided")
	case 'n':
		return finding.NewNotShown("not shown")
	}
	return nil
}

// nobody is a server of which nothing is asked.
func nobody() *Server {
	return NewServer(target.InProcess("none", "127.0.0.1:1", nil, nil, 0), dialect.Echo{}, patience.New(time.Second), 0)
}

// TestRule is the rule of retries as a table: what attempts one after another come to.
func TestRule(t *testing.T) {
	for _, c := range []struct {
		attempts string
		want     finding.Kind
		failed   int // of the evidence
		runs     int
		again    string // what was attempted in all
	}{
		{".", finding.Shown, 0, 0, "."},
		{"u", finding.Undecided, 0, 0, "u"},
		{"n", finding.NotShown, 0, 0, "n"},
		{"m...", finding.Undecided, 1, 4, "m..."},
		{"mm", finding.Broken, 2, 2, "mm"},
		{"m.m", finding.Broken, 2, 3, "m.m"},
		{"m..m", finding.Broken, 2, 4, "m..m"},
		{"mw", finding.Broken, 2, 2, "mw"},
		{"mu", finding.Undecided, 0, 0, "mu"},
		{"mn", finding.NotShown, 0, 0, "mn"},
		{"gg", finding.Gone, 2, 2, "gg"},
		{"gm", finding.Broken, 2, 2, "gm"},
		{"g...", finding.Undecided, 1, 4, "g..."},
		{"GGG", finding.Gone, 1, 1, "G"},
		{"wGw", finding.Broken, 1, 1, "wG"}, // the first ended the server, and the second met nobody
		{"wwG", finding.Broken, 2, 2, "wwG"},
		{"mGm", finding.Broken, 1, 1, "mG"},
		{"m.G", finding.Gone, 1, 1, "m.G"},
		{"w..", finding.Broken, 1, 3, "w.."},
		{"ww.", finding.Broken, 2, 3, "ww."},
		{"w.m", finding.Broken, 2, 3, "w.m"},
		{"www", finding.Broken, 3, 3, "www"},
		{"jw.", finding.Broken, 2, 3, "jw."},
		{"jww", finding.Broken, 3, 3, "jww"},
		{"j.w", finding.Broken, 2, 3, "j.w"},
		{"wjj", finding.Broken, 3, 3, "wjj"},
		{"jjj", finding.Broken, 3, 3, "jjj"},
		{"jm.", finding.Broken, 2, 3, "jm."},
	} {
		p := nobody().Player("test")
		done := ""
		var waits []time.Duration
		f := p.Confirm(t.Context(), func(_ context.Context, w time.Duration) *finding.Finding {
			waits = append(waits, w)
			if len(done) == len(c.attempts) {
				done += "!"
				return nil
			}
			done += c.attempts[len(done) : len(done)+1]
			return found(done[len(done)-1])
		})
		if done != c.again {
			t.Errorf("%q: attempted %q", c.attempts, done)
		}
		for i, w := range waits {
			want := time.Second
			if i > 0 && strings.ContainsRune("mg", rune(c.attempts[0])) {
				want = 3 * time.Second
			}
			if w != want {
				t.Errorf("%q: attempt %d waited %s, want %s", c.attempts, i, w, want)
			}
		}
		if !f.Is(c.want) {
			t.Errorf("%q: %+v, want %s", c.attempts, f, c.want)
			continue
		}
		if c.runs > 0 && (f.Evidence == nil || f.Evidence.Runs != c.runs || f.Evidence.Failed != c.failed) {
			t.Errorf("%q: the evidence is %+v, want %d of %d", c.attempts, f.Evidence, c.failed, c.runs)
		}
		if c.want == finding.Broken || c.want == finding.Gone {
			if !f.Fact() {
				t.Errorf("%q: it is no fact", c.attempts)
			}
			if planned := strings.Contains(c.attempts, "w"); strings.Contains(c.attempts, "j") && f.Unplanned == planned { // one that was as planned is the evidence
				t.Errorf("%q: the evidence was as planned: %t", c.attempts, !f.Unplanned)
			}
		}
		if c.want == finding.Undecided && c.runs > 0 && !strings.Contains(f.Problem, ", once of 4 times: too rarely to tell") {
			t.Errorf("%q: %s", c.attempts, f.Problem)
		}
		if late := "give it a --timeout of 3s"; c.want == finding.Undecided && c.runs > 0 && (!strings.Contains(f.Problem, "; try again") || strings.Contains(f.Problem, late) != (c.attempts[0] == 'm')) {
			t.Errorf("%q does not say what to do: %s", c.attempts, f.Problem)
		}
	}
}

// TestCountingEnds: how often a wrong byte comes is asked for a second, and no longer; what is missing is asked for however long that takes.
func TestCountingEnds(t *testing.T) {
	for _, c := range []struct {
		each     time.Duration
		attempts string
		want     int
	}{
		{400 * time.Millisecond, "www", 3},
		{500 * time.Millisecond, "www", 2},
		{time.Second - 1, "www", 2},
		{time.Second, "www", 1},
		{10 * time.Second, "m...", 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			nobody().Player("test").Confirm(t.Context(), func(context.Context, time.Duration) *finding.Finding {
				time.Sleep(c.each)
				n++
				return found(c.attempts[n-1])
			})
			if n != c.want {
				t.Errorf("%d attempts of %s at %q, want %d", n, c.each, c.attempts, c.want)
			}
		})
	}
}

// TestConfirmEndsWithItsContext: no attempt is made when the run is over. What was missing before that is no failure by itself, and a
// wrong byte is one.
func TestConfirmEndsWithItsContext(t *testing.T) {
	for attempts, want := range map[string]finding.Kind{"mm": finding.Undecided, "ww": finding.Broken} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		f := nobody().Player("test").Confirm(ctx, func(context.Context, time.Duration) *finding.Finding {
			if n++; n == 2 {
				cancel()
			}
			return found(attempts[0])
		})
		if n != 2 || !f.Is(want) {
			t.Errorf("after %d attempts at %q: %+v", n, attempts, f)
		}
	}
}

// TestRedelivers: a right answer that shows little is worth another delivery, where the first took no longer than some seconds.
func TestRedelivers(t *testing.T) {
	for _, c := range []struct {
		a    Attempt
		took time.Duration
		want bool
	}{
		{Attempt{Unplanned: true}, 0, true},
		{Attempt{Unplanned: true}, 5 * time.Second, true},
		{Attempt{Unplanned: true}, 5*time.Second + 1, false},
		{Attempt{}, 0, false},
		{Attempt{Unplanned: true, Finding: found('w')}, 0, false},
	} {
		if got := redelivers(c.a, c.took); got != c.want {
			t.Errorf("%+v after %s: %t", c.a, c.took, got)
		}
	}
}

// TestCutsInVain: a cut has eight times its time once one was missed, and again its own time when that was in vain three times.
func TestCutsInVain(t *testing.T) {
	p := nobody().Player("test")
	if got := p.tally.cut(p.Patience); got != 60*time.Millisecond {
		t.Errorf("at first a cut has %s", got)
	}
	for n := range 4 {
		if more := p.MorePatience(); more != (n < 3) {
			t.Errorf("after %d in vain there is more: %t", n, more)
		}
		want := 480 * time.Millisecond
		if n == 3 {
			want = 60 * time.Millisecond
		}
		if got, long := p.tally.cut(p.Patience), p.tally.longCut(p.Patience); got != want || long != want {
			t.Errorf("after %d in vain a cut has %s, and one that cannot be made again %s; want %s", n, got, long, want)
		}
		p.tally.inVain()
	}
	slow := nobody()
	slow.Patience.Cut = patience.MostCut
	if slow.Player("test").MorePatience() {
		t.Error("a cut that has all the time there is gets more")
	}
}
