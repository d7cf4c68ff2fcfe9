package judge

import (
	"bufio"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
)

// dated answers one line with the date, and closes.
func dated(c conn, _ int) {
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
		virtually(t, name, func(t *testing.T) {
			places := make(chan struct{}, c.atOnce)
			cfg := serving(t, "test.yaml", func(c conn, number int) {
				places <- struct{}{}
				defer func() { <-places }()
				dated(c, number)
			})
			cfg.Exchange = exchangeFile(t, askFile)
			rep := judge(t, cfg)
			if got := having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(got, c.want) || rep.Conclusion != report.Conformant {
				t.Errorf("%s, %v, want %v: %s", rep.Conclusion, got, c.want, reasons(rep))
			}
		})
	}
}
