package files

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/suite/report"
)

// TestRealStallOfASlowServer: a server may be slow by what it waits for, by itself, by both, and between the parts of its answers. Which it is
// is seen in the kernels, however long it takes.
func TestRealStallOfASlowServer(t *testing.T) {
	realtime.Alone(t)
	const file = "protocol: lists\ngreeting: \"welcome\\n\"\nexchanges:\n  - {name: ask, send: \"ask {{conn}}\\n\", expect: \"ask {{conn}}\\n.\\n\"}\n"
	for name, x := range map[string]struct {
		work, pause time.Duration
		noDelay     bool
		want        report.Verdict
	}{
		"by its stalls":             {12 * time.Millisecond, time.Millisecond, false, report.Warn},
		"by itself":                 {60 * time.Millisecond, time.Millisecond, true, report.Pass},
		"by both":                   {60 * time.Millisecond, time.Millisecond, false, report.Warn},
		"between parts, by itself":  {0, 60 * time.Millisecond, true, report.Pass},
		"between parts, which wait": {0, 20 * time.Millisecond, false, report.Warn},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go judgetest.Accepting(l, func(c net.Conn) {
				_ = c.(*net.TCPConn).SetNoDelay(x.noDelay) // which is on unless it is told otherwise
				_, _ = io.WriteString(c, "welcome\n")
				for lines := bufio.NewScanner(c); lines.Scan(); {
					time.Sleep(x.work)
					_, _ = io.WriteString(c, lines.Text()) // the client sees whether it comes
					_, _ = io.WriteString(c, "\n")
					time.Sleep(x.pause)
					_, _ = io.WriteString(c, ".\n")
				}
			})
			r := judgetest.Result(t, judgetest.Judge(t, judge.Config{Addr: l.Addr().String(), Dialect: "test.yaml", Exchange: judgetest.ExchangeFile(t, file), Only: "FLOW-4"}), "FLOW-4")
			if r.Verdict != x.want {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}
