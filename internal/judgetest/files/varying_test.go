package files

import (
	"bufio"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// dated answers one line with the date, and closes.
func dated(c judgetest.Conn, _ int) {
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(c, "Date: %s\r\nyou said %s", time.Now().UTC().Format(time.RFC1123), line) // the client may have left
	_ = c.CloseWrite()
}

// TestClosingAnswersThatVary: no case takes the answer that was heard once for the only one that is right, where a part of it varies. The
// clock moves on under every wait.
func TestClosingAnswersThatVary(t *testing.T) {
	for name, c := range map[string]struct {
		atOnce int
		want   []string
	}{
		"beside one another": {1000, nil},
		"one at a time":      {1, []string{"CONC-2"}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			places := make(chan struct{}, c.atOnce)
			cfg := judgetest.Serving(t, "test.yaml", func(c judgetest.Conn, number int) {
				places <- struct{}{}
				defer func() { <-places }()
				dated(c, number)
			})
			cfg.Exchange = judgetest.ExchangeFile(t, judgetest.AskFile)
			rep := judgetest.Judge(t, cfg)
			if got := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(got, c.want) || rep.Conclusion != report.Conformant {
				t.Errorf("%s, %v, want %v: %s", rep.Conclusion, got, c.want, judgetest.Reasons(rep))
			}
		})
	}
}
