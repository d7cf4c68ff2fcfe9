package suite

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// rigged is an echo server that does something else with one request in its life, the
// fifth that comes in two reads; or with all of them from the fifth on.
type rigged struct {
	mu      sync.Mutex
	seen    int
	instead func(c *net.TCPConn, request []byte)
	always  bool
}

func (r *rigged) handle(c *net.TCPConn) {
	var request []byte
	reads := 0
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			reads++
		}
		request = append(request, buf[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return
		}
	}
	if reads == 2 && r.picks() {
		r.instead(c, request)
		return
	}
	_, _ = c.Write(request)
}

func (r *rigged) picks() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	return r.seen == 5 || r.always && r.seen > 5
}

// TestRuleOfRetries: what is missing once is left open, and what is missing
// again fails; a wrong byte fails at once, and the report says how often it came.
func TestRuleOfRetries(t *testing.T) {
	late := func(c *net.TCPConn, b []byte) { time.Sleep(550 * time.Millisecond); _, _ = c.Write(b) }
	wrong := func(c *net.TCPConn, b []byte) { b[0] ^= 1; _, _ = c.Write(b) }
	cut := func(c *net.TCPConn, b []byte) { _, _ = c.Write(b[:len(b)-1]) }
	var silent func(*net.TCPConn, []byte) // it holds the connection until its test has ended
	for _, c := range []struct {
		name    string
		instead func(*net.TCPConn, []byte)
		always  bool
		verdict report.Verdict
		reason  string
		failed  int
		runs    int
	}{
		{"missing once", silent, false, report.Inconclusive, "once of 4 times", 1, 4},
		{"missing always", silent, true, report.Fail, "nothing more came within 900ms, and there was no answer", 2, 2},
		{"late once", late, false, report.Inconclusive, "once of 4 times", 1, 4},
		{"late always", late, true, report.Inconclusive, "once of 4 times", 1, 4},
		{"wrong once", wrong, false, report.Fail, "the answer is wrong from byte 0 on", 1, 3},
		{"wrong always", wrong, true, report.Fail, "the answer is wrong from byte 0 on", 3, 3},
		{"short once", cut, false, report.Fail, "the server closed the connection after", 1, 3},
		{"short always", cut, true, report.Fail, "the server closed the connection after", 3, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &rigged{instead: c.instead, always: c.always}
			if r.instead == nil {
				r.instead = func(*net.TCPConn, []byte) { <-t.Context().Done() }
			}
			rep := judge(t, Config{Addr: at(t, r.handle).addr(), Dialect: "echo", Only: "FRAM-2", Timeout: 300 * time.Millisecond})
			res := result(t, rep, "FRAM-2")
			if res.Verdict != c.verdict || !strings.Contains(res.Reason, c.reason) {
				t.Fatalf("%s: %s, want %s: %s", res.Verdict, res.Reason, c.verdict, c.reason)
			}
			if res.Failure == nil || res.Failure.Failed != c.failed || res.Failure.Runs != c.runs {
				t.Errorf("the evidence: %+v, want %d of %d", res.Failure, c.failed, c.runs)
			}
			want := report.NotConformant
			if c.verdict == report.Inconclusive {
				want = report.NoVerdict
			}
			if rep.Conclusion != want {
				t.Errorf("the conclusion is %s", rep.Sentence)
			}
		})
	}
}

// TestConfirm is the rule of retries by itself: what an attempt after the other
// comes to, and what is made of it.
func TestConfirm(t *testing.T) {
	const wait = 20 * time.Millisecond
	s := &Suite{target: target.InProcess("none", "127.0.0.1:1", nil, nil, 0), wait: wait}
	odd := errors.New("an error of another kind")
	for _, c := range []struct {
		attempts string // m missing, w wrong, j wrong where the delivery was not as planned, u undecided, o another error, . right
		failed   int    // 0: not broken
		runs     int
		again    string // what was attempted in all
	}{
		{".", 0, 0, "."},
		{"u", 0, 0, "u"},
		{"o", 0, 0, "o"},
		{"m...", 0, 4, "m..."},
		{"mm", 2, 2, "mm"},
		{"m.m", 2, 3, "m.m"},
		{"m..m", 2, 4, "m..m"},
		{"mw", 2, 2, "mw"},
		{"mu", 0, 0, "mu"},
		{"mo", 0, 0, "mo"},
		{"w..", 1, 3, "w.."},
		{"ww.", 2, 3, "ww."},
		{"w.m", 2, 3, "w.m"},
		{"www", 3, 3, "www"},
		{"jw.", 2, 3, "jw."},
		{"jww", 3, 3, "jww"},
		{"j.w", 2, 3, "j.w"},
		{"wjj", 3, 3, "wjj"},
		{"jjj", 3, 3, "jjj"},
		{"jm.", 2, 3, "jm."},
	} {
		e := s.env(Case{ID: "TEST-1/confirm"})
		done := ""
		var waits []time.Duration
		err := e.Confirm(t.Context(), func(_ context.Context, w time.Duration) error {
			waits = append(waits, w)
			k := len(done)
			if k == len(c.attempts) {
				done += "!"
				return nil
			}
			done += c.attempts[k : k+1]
			switch c.attempts[k] {
			case 'm':
				return &missing{broken("missing")}
			case 'w':
				return broken("wrong")
			case 'j':
				b := broken("wrong")
				b.amiss = true
				return b
			case 'u':
				return undecided("undecided")
			case 'o':
				return odd
			}
			return nil
		})
		if done != c.again {
			t.Errorf("%q: attempted %q", c.attempts, done)
		}
		for i, w := range waits {
			if want := wait; w != want && (i == 0 || c.attempts[0] != 'm') || i > 0 && c.attempts[0] == 'm' && w != 3*want {
				t.Errorf("%q: attempt %d waited %s", c.attempts, i, w)
			}
		}
		var b *Broken
		var u *Undecided
		switch last := c.attempts[len(c.attempts)-1]; {
		case c.failed > 0:
			if !errors.As(err, &b) || b.Failure.Failed != c.failed || b.Failure.Runs != c.runs {
				t.Errorf("%q: %#v", c.attempts, err)
			}
			if j := strings.Contains(c.attempts, "j"); b != nil && b.amiss != (j && !strings.Contains(c.attempts, "w")) { // one that was as planned is the evidence
				t.Errorf("%q: the evidence was as planned: %v", c.attempts, !b.amiss)
			}
			if m := (*missing)(nil); errors.As(err, &m) {
				t.Errorf("%q: still only missing", c.attempts)
			}
		case c.runs > 0:
			if !errors.As(err, &u) || u.Failure == nil || u.Failure.Runs != c.runs || !strings.Contains(u.Reason, "missing, once of 4 times") {
				t.Errorf("%q: %#v", c.attempts, err)
			}
		case last == 'o' && !errors.Is(err, odd), last == 'u' && !errors.As(err, &u), last == '.' && err != nil:
			t.Errorf("%q: %v", c.attempts, err)
		}
	}
}

// TestConfirmEndsWithItsContext: no attempt is made when the run is over, and
// what was seen before that is no failure by itself.
func TestConfirmEndsWithItsContext(t *testing.T) {
	s := &Suite{target: target.InProcess("none", "127.0.0.1:1", nil, nil, 0), wait: time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	attempts := 0
	err := s.env(Case{ID: "TEST-1/end"}).Confirm(ctx, func(context.Context, time.Duration) error {
		if attempts++; attempts == 2 {
			cancel()
		}
		return &missing{broken("missing")}
	})
	if b := (*Broken)(nil); attempts != 2 || err == nil || errors.As(err, &b) {
		t.Errorf("after %d attempts: %#v", attempts, err)
	}
}

// A case that asks for no wait of its own is played again with the longer one.
func TestAskingAgainWaitsLonger(t *testing.T) {
	e := &Env{suite: &Suite{wait: time.Second}}
	var waits []time.Duration
	err := guarded(t.Context(), e, func(_ context.Context, e *Env) error {
		if waits = append(waits, e.Wait()); len(waits) < 3 {
			return &missing{broken("nothing came")}
		}
		return nil
	})
	if want := []time.Duration{time.Second, 3 * time.Second}; !slices.Equal(waits, want) || !isFailure(err) {
		t.Errorf("it waited %v, want %v; the verdict is %v", waits, want, err)
	}
}
