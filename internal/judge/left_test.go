package judge_test

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// What a client left behind in its middle, and what comes of it to others, is CONC-1's matter alone, whoever gets it.

// TestInputOutlives: the beginning of a line outlives the client that reset its connection, and becomes that of the next one's first line.
func TestInputOutlives(t *testing.T) {
	for _, dialect := range []string{"line", "script"} {
		judgetest.Virtually(t, dialect, func(t *testing.T) {
			cfg := judgetest.FaultyInMemory(t, "input-outlives", dialect)
			cfg.Timeout, cfg.Seed = 2*time.Second, 1
			rep := judgetest.Judge(t, cfg)
			if broken := strings.Join(judgetest.Having(rep, report.Fail, report.Warn), " "); broken != judge.Mixing || rep.First != judge.Mixing {
				t.Errorf("broken %q, to begin with %s: %s", broken, rep.First, judgetest.Told(rep))
			}
		})
	}
}

// heirs have a connection that comes later begin with what a client left that reset its own in the middle of a line.
type heirs struct {
	later int // how many connections later

	mu   sync.Mutex
	left map[int]string // by the number of the connection that gets it
}

func (s *heirs) serve(c judgetest.Conn, number int) {
	s.mu.Lock()
	line := s.left[number]
	delete(s.left, number)
	s.mu.Unlock()
	for in := bufio.NewReader(c); ; line = "" {
		more, err := in.ReadString('\n')
		if line += more; err != nil && err != io.EOF {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.left == nil {
				s.left = map[int]string{}
			}
			if line != "" {
				s.left[number+s.later] = line
			}
			return
		}
		text := strings.Trim(line, " \t\v\f\r\n")
		if text == "" {
			_ = c.CloseWrite()
			return
		}
		if _, err := io.WriteString(c, text+"\n"); err != nil {
			return
		}
	}
}

// TestHeirs: what was left comes to whoever is there some connections later, beside others or behind them, and CONC-1 alone is blamed.
func TestHeirs(t *testing.T) {
	for _, later := range []int{1, 2, 7, 40} {
		judgetest.Virtually(t, fmt.Sprintf("%d later", later), func(t *testing.T) {
			server := &heirs{later: later}
			cfg := judgetest.Serving(t, "line", server.serve)
			cfg.Timeout, cfg.Seed, cfg.Skip = 2*time.Second, 1, "CODE,LINE-4..5,LINE-8,LIFE-4"
			rep := judgetest.Judge(t, cfg)
			if broken := strings.Join(judgetest.Having(rep, report.Fail, report.Warn), " "); broken != judge.Mixing {
				t.Errorf("broken %q: %s", broken, judgetest.Told(rep))
			}
		})
	}
}

// TestForeign: bytes are another client's where nothing of what the case sends can have become them.
func TestForeign(t *testing.T) {
	judgetest.Virtually(t, "texts", func(t *testing.T) {
		r, err := judge.Open(t.Context(), judgetest.Serving(t, "line", judgetest.Answering(func(line string, _, _ int) string { return line + "\n" })))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(t.Context())
		all := func(text string) report.Bytes { return report.Bytes{Total: int64(len(text)), Text: []byte(text)} }
		for _, c := range []struct {
			sent, came string
			want       bool
		}{
			{"LINE-4a.000007-1\n", "LINE-4a.000007-1\n", false},
			{"LINE-4a.000007-1\n", "LINE-4a.000006LINE-4a.000007-1\n", true},
			{"LINE-4a.000007-1\n", "LINE-4a.000LINE-4a.000007-1\n", false}, // it may be its own
			{"LINE-4a.000007-1\n", "LINE-4a.000070-1\n", false},
			{"LINE-4a.000007-1\n", "CONC-1c.000LINE-4a.000007-1\n", true},
			{"LINE-14a.00007-1\n", "LINE-4a.00007-1\n", false}, // a byte of it is missing
			{"one\n", "CONC-1c.one\n", true},
			{"one\n", "CONCone\n", false},
		} {
			f := finding.NewBroken("the answer is wrong")
			f.Evidence = &report.Failure{Request: all(c.sent), Expected: all(c.sent), Actual: all(c.came)}
			of := rules.Of("LINE-4")[0]
			if strings.HasPrefix(c.sent, "LINE-14") {
				of = rules.Of("LINE-10")[0]
			}
			if got := r.Foreign(of, f); got != c.want {
				t.Errorf("%q for %q: %v", c.came, c.sent, got)
			}
		}
	})
}
