package unlike

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestSlowServer: an answer that is right, and drips, is no failure and no pass. What is said tells how to have it judged, and blames nothing.
func TestSlowServer(t *testing.T) {
	for apart, says := range map[time.Duration]string{
		100 * time.Millisecond:  "if it is meant to be so slow, give it a --timeout of ",
		1100 * time.Millisecond: "after 10s the answer was still coming, with 10 of its 11 bytes there: too slow to be judged; if the server is meant to be so slow, give it a --timeout of 55s",
		1900 * time.Millisecond: "too slow to be judged; if the server is meant to be so slow, it cannot be judged: the longest --timeout is 1m",
	} {
		judgetest.Virtually(t, apart.String(), func(t *testing.T) {
			rep := judgetest.Judge(t, judgetest.Serving(t, "line", func(c judgetest.Conn, n int) {
				(&judgetest.Limited{Most: 1}).Serve(judgetest.Drips{Conn: c, Apart: apart}, n)
			}))
			if rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Trouble, says) || len(judgetest.Having(rep, report.Fail, report.Warn, report.Pass)) > 0 {
				t.Errorf("a server that drips: %s\n%s", rep.Trouble, judgetest.Told(rep))
			}
			for _, r := range rep.Results {
				if r.Failure != nil && len(r.Failure.Causes) > 0 {
					t.Errorf("%s is slow, and what usually breaks it is told: %q", r.ID, r.Failure.Causes)
				}
			}
		})
	}
}

// TestDripsAreNoSilence: an answer whose bytes come all the time, and more slowly than anybody waits, is too slow, and nothing is missing of it.
func TestDripsAreNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, n int) {
			(&judgetest.Limited{Most: 1000}).Serve(judgetest.Drips{Conn: c, Apart: time.Second}, n)
		})
		cfg.Only, cfg.Timeout = "LIFE-1..2,FRAM-1..4,FRAM-9..11,LINE-1..3", time.Minute
		rep := judgetest.Judge(t, cfg)
		judgetest.Unbroken(t, rep)
		if r := judgetest.Result(t, rep, "FRAM-11"); r.Verdict != report.Skip || !strings.Contains(r.Reason, "too slow") && !strings.Contains(r.Reason, "the server is slow") {
			t.Errorf("FRAM-11: %s: %s", r.Verdict, r.Reason)
		}
	})
}
