package unlike

import (
	"bufio"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestLateWrongAnswer judges line servers that leave their connections open, by what is no UTF-8: one that answers it, however late, is blamed
// for that; one that says nothing to it is LIFE-3's matter alone, whether or not it goes on, and does not cost a wait each time.
func TestLateWrongAnswer(t *testing.T) {
	const short = time.Minute
	for name, test := range map[string]struct {
		invalid time.Duration // how much later such a line is answered; 0 where it is not
		goesOn  bool          // the next line is answered
		verdict report.Verdict
		says    string
	}{
		"late":       {300 * time.Millisecond, true, report.Fail, "when a plain request had followed, the answer is wrong from byte 0 on"},
		"later":      {1500 * time.Millisecond, false, report.Fail, "when a plain request had followed, the answer is wrong from byte 0 on"},
		"not at all": {0, true, report.Skip, "the server does not close its connections (LIFE-3)"},
		"mute":       {0, false, report.Skip, "the server does not close its connections (LIFE-3)"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) {
				in := bufio.NewReader(c)
				for {
					line, err := in.ReadString('\n')
					text := strings.Trim(line, " \t\n\v\f\r")
					switch {
					case err != nil || text == "":
						<-t.Context().Done()
						return
					case !utf8.ValidString(text) && test.invalid == 0 && test.goesOn:
						continue
					case !utf8.ValidString(text) && test.invalid == 0:
						<-t.Context().Done()
						return
					case !utf8.ValidString(text):
						time.Sleep(test.invalid)
					}
					_, _ = c.Write([]byte(text + "\n")) // the client sees how far it comes
				}
			})
			cfg.Only = "LIFE-3,FRAM-1,CODE-3,CODE-4"
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if took := time.Since(began); took > short {
				t.Errorf("it took %s", took)
			}
			for _, id := range []string{"CODE-3", "CODE-4"} {
				r := judgetest.Result(t, rep, id)
				if id == "CODE-4" && test.verdict == report.Skip && r.Verdict == report.Pass && strings.Contains(r.Observed, "in part: "+test.says) {
					continue // its other case is shown
				}
				if r.Verdict != test.verdict || !strings.Contains(r.Reason, test.says) {
					t.Errorf("%s: %s: %s; %s", id, r.Verdict, r.Reason, r.Observed)
				}
			}
		})
	}
}
