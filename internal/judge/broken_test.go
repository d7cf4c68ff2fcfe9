package judge_test

import (
	"bufio"
	"fmt"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestBrokenForGood: a server that serves nobody any more from some client on, and cannot be started again, is told within half a minute,
// whichever client that is: whether it hangs, or ends each connection.
func TestBrokenForGood(t *testing.T) {
	for _, broken := range []string{"hangs", "closes", "resets"} {
		for _, from := range []int{2, 4, 7, 12, 20, 40, 80} {
			judgetest.Virtually(t, fmt.Sprintf("%s from client %d", broken, from), func(t *testing.T) { brokenForGood(t, broken, from) })
		}
	}
}

func brokenForGood(t *testing.T, broken string, from int) {
	over := make(chan struct{})
	cfg := judgetest.Serving(t, "line", func(conn judgetest.Conn, n int) {
		for lines := bufio.NewScanner(conn); n < from && lines.Scan(); {
			_, _ = fmt.Fprintln(conn, lines.Text()) // until the client has left
		}
		switch {
		case n < from:
		case broken == "hangs":
			<-over
		case broken == "resets":
			_ = conn.SetLinger(0)
		}
	})
	t.Cleanup(func() { close(over) })
	began := time.Now()
	rep, err := judge.Judge(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); rep.Conclusion != report.NotConformant || took > 30*time.Second {
		t.Errorf("after %s: %s", took, rep.Sentence)
	}
}
