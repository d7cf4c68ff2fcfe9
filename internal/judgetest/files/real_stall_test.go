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

// TestRealStallOfASlowServer: a server may be slow by what it waits for. It is told from one that is slow by itself, which stalls nowhere.
func TestRealStallOfASlowServer(t *testing.T) {
	realtime.Alone(t)
	const file = "protocol: lists\ngreeting: \"welcome\\n\"\nexchanges:\n  - {name: ask, send: \"ask {{conn}}\\n\", expect: \"ask {{conn}}\\n.\\n\"}\n"
	for name, x := range map[string]struct {
		work    time.Duration
		noDelay bool
		want    report.Verdict
	}{
		"by its stalls": {12 * time.Millisecond, false, report.Warn},
		"by itself":     {60 * time.Millisecond, true, report.Skip},
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
					time.Sleep(time.Millisecond)
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
