package judge_test

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// rigged is an echo server that does something else with one request in its life, the
// fifth that comes in two reads; or with all of them from the fifth on.
type rigged struct {
	mu      sync.Mutex
	seen    int
	instead func(c judgetest.Conn, request []byte)
	always  bool
}

func (r *rigged) handle(c judgetest.Conn) {
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
	const ms = time.Millisecond
	const early = 20 * ms // which the failure is given once, behind its cut, to show that the server answers too early
	late := func(c judgetest.Conn, b []byte) { time.Sleep(301 * ms); _, _ = c.Write(b) }
	wrong := func(c judgetest.Conn, b []byte) { b[0] ^= 1; _, _ = c.Write(b) }
	cut := func(c judgetest.Conn, b []byte) { _, _ = c.Write(b[:len(b)-1]) }
	var silent func(judgetest.Conn, []byte) // it holds the connection until its test has ended
	for _, c := range []struct {
		name    string
		instead func(judgetest.Conn, []byte)
		always  bool
		verdict report.Verdict
		reason  string
		failed  int
		runs    int
		took    time.Duration // to the millisecond
	}{
		{"missing once", silent, false, report.Inconclusive, "once of 4 times", 1, 4, 300 * ms},
		{"missing always", silent, true, report.Fail, "nothing more came within 900ms, and there was no answer", 2, 2, 1200 * ms},
		{"late once", late, false, report.Inconclusive, "once of 4 times", 1, 4, 300 * ms},
		{"late always", late, true, report.Inconclusive, "once of 4 times", 1, 4, 300*ms + 3*301*ms},
		{"wrong once", wrong, false, report.Fail, "the answer is wrong from byte 0 on", 1, 3, 0},
		{"wrong always", wrong, true, report.Fail, "the answer is wrong from byte 0 on", 3, 3, early},
		{"short once", cut, false, report.Fail, "the server closed the connection after", 1, 3, 0},
		{"short always", cut, true, report.Fail, "the server closed the connection after", 3, 3, early},
	} {
		judgetest.Virtually(t, c.name, func(t *testing.T) {
			r := &rigged{instead: c.instead, always: c.always}
			if r.instead == nil {
				r.instead = func(judgetest.Conn, []byte) { <-t.Context().Done() }
			}
			cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) { r.handle(c) })
			cfg.Only, cfg.Timeout = "FRAM-2", 300*ms
			rep := judgetest.Judge(t, cfg)
			res := judgetest.Result(t, rep, "FRAM-2")
			if res.Verdict != c.verdict || !strings.Contains(res.Reason, c.reason) {
				t.Fatalf("%s: %s, want %s: %s", res.Verdict, res.Reason, c.verdict, c.reason)
			}
			if res.Failure == nil || res.Failure.Failed != c.failed || res.Failure.Runs != c.runs {
				t.Errorf("the evidence: %+v, want %d of %d", res.Failure, c.failed, c.runs)
			}
			if took := time.Duration(res.DurationMS) * ms; took != c.took {
				t.Errorf("it took %s, want %s", took, c.took)
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
