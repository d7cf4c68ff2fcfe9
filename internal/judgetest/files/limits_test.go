package files

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestServersThatCloseBehindMessages: a server may close a connection behind a number of messages, but not behind a number of bytes that
// come together, or that wait unread.
func TestServersThatCloseBehindMessages(t *testing.T) {
	judgetest.Table(t)
	const file = judgetest.AskFile + "pipelines: true\n"
	answered := func(goesOn func(messages, waiting int) bool, last string) func(judgetest.Conn, int) {
		return func(c judgetest.Conn, _ int) {
			in := bufio.NewReaderSize(c, 1<<16)
			for n := 1; ; n++ {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if !goesOn(n, in.Buffered()) {
					_, _ = io.WriteString(c, last) // whether it comes is seen by the client
					return
				}
				if _, err := c.Write([]byte("you said " + line)); err != nil {
					return
				}
			}
		}
	}
	for name, c := range map[string]struct {
		goesOn func(messages, waiting int) bool
		last   string
		want   report.Conclusion
		burst  string
		unread string
	}{
		"a hundred messages": {func(n, _ int) bool { return n <= 100 }, "", report.Conformant,
			"pass in part: the server closes a connection behind 100 messages", "skip the server closes a connection behind 100 messages"},
		"five thousand messages": {func(n, _ int) bool { return n <= 5000 }, "", report.Conformant,
			"pass in part: the server closes a connection behind 5000 messages", "pass in part: the server closes a connection behind 5000 messages"},
		"five thousand, and the next is answered otherwise": {func(n, _ int) bool { return n <= 5000 }, "that was the last\n", report.Conformant,
			"pass in part: the server closes a connection behind 5000 messages", "pass in part: the server closes a connection behind 5000 messages"},
		"five thousand, and half an answer":   {func(n, _ int) bool { return n <= 5000 }, "you s", report.NotConformant, "fail ", "fail the server "},
		"4 KiB that wait, and another answer": {func(_, waiting int) bool { return waiting < 4<<10 }, "too much\n", report.NotConformant, "fail ", "fail "},
		"4 KiB that wait":                     {func(_, waiting int) bool { return waiting < 4<<10 }, "", report.NotConformant, "fail of ", "fail the server "},
		"any number of any bytes":             {func(int, int) bool { return true }, "", report.Conformant, "pass ", "pass "},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "test.yaml", answered(c.goesOn, c.last))
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, file), "FRAM-1,FRAM-11,FLOW-1"
			rep := judgetest.Judge(t, cfg)
			if rep.Conclusion != c.want {
				t.Errorf("%s, want %s: %s", rep.Conclusion, c.want, judgetest.Reasons(rep))
			}
			for id, want := range map[string]string{"FRAM-11": c.burst, "FLOW-1": c.unread} {
				r := judgetest.Result(t, rep, id)
				said := string(r.Verdict) + " " + r.Reason + r.Observed
				if !strings.HasPrefix(said, want) || strings.Contains(said, "in part") != strings.Contains(want, "in part") {
					t.Errorf("%s %s, want %s", id, said, want)
				}
			}
		})
	}
}
