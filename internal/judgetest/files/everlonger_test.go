package files

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestManyAtOnceTakeEverLonger: a server that goes over all that has come for each line of it is at work for a minute when 20,000 lines come
// at once. Whether their answers are read at once or slowly makes no difference to that: it is not blamed for losing answers to a slow reader.
func TestManyAtOnceTakeEverLonger(t *testing.T) {
	judgetest.Table(t)
	filler := strings.Repeat(" and so on", 19)
	for name, c := range map[string]struct {
		work    time.Duration // for 10,000 lines that come at once
		verdict report.Verdict
	}{
		"ever longer": {20 * time.Second, report.Skip},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "test.yaml", func(conn judgetest.Conn, _ int) {
				read := make(chan []byte)
				over := make(chan struct{})
				defer close(over)
				go func() {
					defer close(read)
					for {
						b := make([]byte, 64<<10)
						n, err := conn.Read(b)
						if err != nil {
							return
						}
						select {
						case read <- b[:n]:
						case <-over:
							return
						}
					}
				}()
				for had := []byte(nil); ; {
					b, open := <-read
					for had = append(had, b...); open; { // up to where nothing more is there
						select {
						case b, open = <-read:
							had = append(had, b...)
							continue
						case <-time.After(time.Millisecond):
						}
						break
					}
					lines := bytes.SplitAfter(had, []byte("\n"))
					last := len(lines) - 1
					part := float64(last) / 10_000
					time.Sleep(time.Duration(part * part * float64(c.work)))
					var answers bytes.Buffer
					for _, line := range lines[:last] {
						_, _ = answers.WriteString("ok " + string(line))
					}
					had = lines[last]
					if _, err := conn.Write(answers.Bytes()); err != nil || !open {
						return
					}
				}
			})
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, "protocol: lines\npipelines: true\nexchanges:\n  - {name: a line, send: \"hello {{conn}}"+filler+"\\n\", expect: \"ok hello {{conn}}"+filler+"\\n\"}\n"), "FLOW-1"
			rep := judgetest.Judge(t, cfg)
			if r := judgetest.Result(t, rep, "FLOW-1"); r.Verdict != c.verdict {
				t.Errorf("%s: %s %s", r.Verdict, r.Reason, rep.Trouble)
			}
		})
	}
}
