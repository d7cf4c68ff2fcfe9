package files

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// byeFile is a protocol in which the server closes behind an exchange, and a client leaves by another.
const byeFile = `protocol: byes
pipelines: true
exchanges:
  - {name: ask, send: "ask {{conn}}\n", expect: "ask {{conn}}\n"}
  - {name: bye, send: "bye\n", expect: "see you\n", closes: true}
leave: {send: "leave\n", expect: "well\n"}
`

// byes serves byeFile; ended ends a connection whose client is done.
func byes(ended func(c judgetest.Conn, last string)) func(judgetest.Conn, int) {
	return func(c judgetest.Conn, _ int) {
		lines := bufio.NewScanner(c)
		for lines.Scan() {
			answer, last := lines.Text()+"\n", true
			switch lines.Text() {
			case "bye":
				answer = "see you\n"
			case "leave":
				answer = "well\n"
			default:
				last = false
			}
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
			if last {
				ended(c, lines.Text())
				return
			}
		}
	}
}

// lingers closes as a careful server does: it reads on until the client has closed.
func lingers(c judgetest.Conn, _ string) {
	_ = c.CloseWrite()
	_, _ = io.Copy(io.Discard, c)
}

// TestExchangeEnds holds what is said of how a server ends connections whose protocol is a file.
func TestExchangeEnds(t *testing.T) {
	for name, s := range map[string]struct {
		only  string
		serve func(judgetest.Conn, int)
		want  report.Conclusion
		warns string // the requirement that is broken; "" where none is
	}{
		"lingers":        {"CLOS", byes(lingers), report.Conformant, ""},
		"closes at once": {"CLOS", byes(func(judgetest.Conn, string) {}), report.Conformant, "CLOS-2"},
		"never closes": {"CLOS-3..4", byes(func(c judgetest.Conn, _ string) {
			time.Sleep(time.Minute)
		}), report.NotConformant, "CLOS-3"},
		"resets a client that leaves": {"CLOS-3..4", byes(func(c judgetest.Conn, last string) {
			if last == "leave" {
				_, _ = io.Copy(io.Discard, c)
				_ = c.SetLinger(0)
			}
		}), report.NotConformant, "CLOS-4"},
		"resets behind its last answer": {"CLOS-3..4", byes(func(c judgetest.Conn, last string) {
			if last == "bye" {
				time.Sleep(time.Millisecond) // the client has the answer
				_ = c.SetLinger(0)
			}
		}), report.NotConformant, "CLOS-4"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "byes", s.serve)
			cfg.Dialect, cfg.Exchange, cfg.Only, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, byeFile), s.only, 1
			rep := judgetest.Judge(t, cfg)
			broken := strings.Join(append(judgetest.Having(rep, report.Fail), judgetest.Having(rep, report.Warn)...), " ")
			if rep.Conclusion != s.want || broken != s.warns {
				t.Errorf("%s, broken %q, want %s and %q: %s", rep.Conclusion, broken, s.want, s.warns, judgetest.Told(rep))
			}
		})
	}
}

// TestExchangeSteps: a message that is answered rightly however it is cut, and after which the next is not, is seen in files too; and
// a burst of a file's own messages is cut off by a server that takes so many bytes at once.
func TestExchangeSteps(t *testing.T) {
	judgetest.Table(t)
	const file = "protocol: steps\npipelines: true\nexchanges:\n  - {name: ask, send: \"ask {{conn}}\\n\", expect: \"ask {{conn}}\\n\"}\n"
	for name, s := range map[string]struct {
		only  string
		serve func(judgetest.Conn, int)
		want  string
	}{
		"right": {"FRAM-1..2,FRAM-10..11", func(c judgetest.Conn, _ int) { _, _ = io.Copy(c, c) }, ""},
		"loses a byte behind a cut": {"FRAM-1..2,FRAM-10", func(c judgetest.Conn, _ int) {
			buf, begun, lose := make([]byte, 64<<10), false, 0
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				got := buf[min(lose, n):n]
				lose = 0
				whole := buf[n-1] == '\n'
				if whole && begun && n < 32 {
					lose = 1
				}
				begun = !whole
				_, _ = c.Write(got)
			}
		}, "FRAM-10"},
		"answers no more than a KiB of a read": {"FRAM-1..2,FRAM-10..11", func(c judgetest.Conn, _ int) {
			buf := make([]byte, 64<<10)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				_, _ = c.Write(buf[:min(n, 1<<10)])
			}
		}, "FRAM-11"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "steps", s.serve)
			cfg.Dialect, cfg.Exchange, cfg.Only, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, file), s.only, 1
			rep := judgetest.Judge(t, cfg)
			if broken := strings.Join(judgetest.Having(rep, report.Fail), " "); broken != s.want {
				t.Errorf("broken %q, want %q: %s", broken, s.want, judgetest.Told(rep))
			}
		})
	}
}
