package files

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestHeldBack: a server that holds an answer back for a moment while the next message has begun, as one does whose kernel waits for more to
// send along, is right, and is judged within the time of a case: it is stopped at fewer bytes, and that is said.
func TestHeldBack(t *testing.T) {
	judgetest.Table(t)
	for name, held := range map[string]time.Duration{"at once": 0, "for 200 ms": 200 * time.Millisecond} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "held", func(c judgetest.Conn, _ int) {
				var all []byte
				for b := make([]byte, 4096); ; {
					n, err := c.Read(b)
					all = append(all, b[:n]...)
					for {
						line, rest, ok := strings.Cut(string(all), "\n")
						if !ok {
							break
						}
						if rest != "" && !strings.Contains(rest, "\n") {
							time.Sleep(held)
						}
						if _, err := io.WriteString(c, "got "+line+"\n"); err != nil {
							return
						}
						all = []byte(rest)
					}
					if err != nil {
						return
					}
				}
			})
			file := "protocol: lines\npipelines: true\nexchanges:\n"
			for _, word := range []string{"a", "b", "c"} {
				file += "  - {name: " + word + ", send: \"" + strings.Repeat(word, 40) + "\\n\"}\n"
			}
			cfg.Dialect, cfg.Exchange, cfg.Only = "test.yaml", judgetest.ExchangeFile(t, file), "FRAM-9"
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if rep.Conclusion != report.Conformant || strings.Contains(rep.Results[0].Observed, "left out") != (held > 0) {
				t.Errorf("%s", judgetest.Told(rep))
			}
			if took := time.Since(began); took > 50*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
