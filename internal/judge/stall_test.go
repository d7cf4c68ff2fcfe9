package judge_test

import (
	"bufio"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/report"
)

// TestStallUntold: where it cannot be seen what the answers of a connection wait for, and they take as long whenever the client
// acknowledges, nothing is said to be shown: of a server that is known to be quick the machine may have made it so.
func TestStallUntold(t *testing.T) {
	for name, s := range map[string]struct {
		first, further time.Duration // to the first line of a connection, and to what follows it
		verdict        report.Verdict
		says           string
	}{
		"quick":                       {0, 0, report.Pass, ""},
		"slow":                        {40 * time.Millisecond, 40 * time.Millisecond, report.Skip, "the server is slow or far"},
		"quick, and slow when judged": {0, 40 * time.Millisecond, report.Inconclusive, "the machine is too busy to tell what they wait for"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) {
				wait := s.first
				for lines := bufio.NewScanner(c); lines.Scan(); wait = s.further {
					time.Sleep(wait)
					if _, err := fmt.Fprintln(c, lines.Text()); err != nil {
						return
					}
				}
			})
			cfg.Only = "FLOW-4"
			if r := judgetest.Result(t, judgetest.Judge(t, cfg), "FLOW-4"); r.Verdict != s.verdict || !strings.Contains(r.Reason, s.says) {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestStallAskedAgain: where a few answers of a connection are quick and most are not, which a busy machine makes of any server, two further
// connections are asked, and no more.
func TestStallAskedAgain(t *testing.T) {
	for _, c := range []struct {
		untellable, asked int64 // connections
		verdict           report.Verdict
		says              string
	}{
		{0, 1, report.Pass, ""},
		{2, 3, report.Pass, ""},
		{3, 3, report.Inconclusive, "the machine is too busy to tell what they wait for"},
		{9, 3, report.Inconclusive, "the machine is too busy to tell what they wait for"},
	} {
		judgetest.Virtually(t, fmt.Sprint(c.untellable), func(t *testing.T) {
			var asked atomic.Int64 // connections with more than one request
			cfg := judgetest.Serving(t, "line", func(conn judgetest.Conn, _ int) {
				busy := false
				for n, lines := 0, bufio.NewScanner(conn); lines.Scan(); n++ {
					if n == 1 {
						busy = asked.Add(1) <= c.untellable
					}
					if busy && n > 2 {
						time.Sleep(2 * patience.Acknowledged)
					}
					if _, err := fmt.Fprintln(conn, lines.Text()); err != nil {
						return
					}
				}
			})
			cfg.Only = "FLOW-4"
			r := judgetest.Result(t, judgetest.Judge(t, cfg), "FLOW-4")
			if r.Verdict != c.verdict || !strings.Contains(r.Reason, c.says) || asked.Load() != c.asked {
				t.Errorf("%d connections: %s: %s", asked.Load(), r.Verdict, r.Reason)
			}
		})
	}
}
