package judge

import (
	"bufio"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestServersThatCloseBehindMessages: a server may close a connection behind a number of messages, but not behind a number of bytes that
// come together.
func TestServersThatCloseBehindMessages(t *testing.T) {
	const file = askFile + "pipelines: true\n"
	answered := func(goesOn func(messages, waiting int) bool) func(conn, int) {
		return func(c conn, _ int) {
			in := bufio.NewReaderSize(c, 1<<16)
			for n := 1; ; n++ {
				line, err := in.ReadString('\n')
				if err != nil || !goesOn(n, in.Buffered()) {
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
		want   report.Conclusion
		says   string
	}{
		"a hundred messages":      {func(n, _ int) bool { return n <= 100 }, report.Conformant, "in part: the server closes a connection behind 100 messages"},
		"4 KiB that wait":         {func(_, waiting int) bool { return waiting < 4<<10 }, report.NotConformant, "FRAM-11 fail: of "},
		"any number of any bytes": {func(int, int) bool { return true }, report.Conformant, ""},
	} {
		virtually(t, name, func(t *testing.T) {
			cfg := serving(t, "test.yaml", answered(c.goesOn))
			cfg.Exchange, cfg.Only = exchangeFile(t, file), "FRAM-1,FRAM-11"
			rep := judge(t, cfg)
			said := reasons(rep) + "; " + result(t, rep, "FRAM-11").Observed
			if rep.Conclusion != c.want || !strings.Contains(said, c.says) || c.says == "" && strings.Contains(said, "in part") {
				t.Errorf("%s, want %s and %q: %s", rep.Conclusion, c.want, c.says, said)
			}
		})
	}
}
