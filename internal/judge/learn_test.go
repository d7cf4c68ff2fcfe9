package judge_test

import (
	"bufio"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/learning"
)

const threeLines = `protocol: lines
pipelines: true
exchanges:
  - {name: one, send: "one\n"}
  - {name: two, send: "two {{conn}}\n"}
  - {name: three, send: "three\n"}
`

// TestLearnSlow: of a slow server, what does not hang on one another is learned at once, in half of the time that it takes one by one; a
// server that has few clients at once, or whose answers tell of the others, is learned one by one, as rightly.
func TestLearnSlow(t *testing.T) {
	const late = 2 * time.Second
	one := 3 * learning.Samples * 2 * late // each message comes twice in each of its conversations
	for name, test := range map[string]struct {
		workers int
		refuses bool // who is too many
		file    string
		answer  func(line string, open, number int64) string
		most    time.Duration
		wrong   string
	}{
		"many at once":        {1000, false, "", nil, one / 2, ""},
		"one by one":          {1, false, "", nil, one + 4*late + 5*time.Second, ""},
		"two at once":         {2, false, "", nil, one + 4*late + 5*time.Second, ""},
		"no more than one":    {1, true, "", nil, one + one/2, ""},
		"a file with a limit": {1, true, "limits: {clients: 1}\n", nil, one + 5*time.Second, ""},
		"tells of the others": {1000, false, "", func(line string, open, _ int64) string { return line + strings.Repeat(".", int(open)) }, 2*one + 5*time.Second, ""},
		"counts its clients":  {1000, false, "", func(line string, _, number int64) string { return fmt.Sprintf("%s %d", line, number) }, one / 2, ""},
		"is wrong for a message": {1000, false, "masks: [{name: none, pattern: none}]\n", func(line string, _, _ int64) string {
			return strings.Replace(line, "three", "four", 1)
		}, one, "three"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			var open, number atomic.Int64
			places := make(chan struct{}, test.workers)
			cfg := judgetest.Serving(t, "test.yaml", func(c judgetest.Conn, _ int) {
				if test.refuses {
					select {
					case places <- struct{}{}:
					default:
						_, _ = c.Write([]byte("too many\n")) // the client sees it, or not
						return
					}
				} else {
					places <- struct{}{}
				}
				defer func() { <-places }()
				defer open.Add(-1)
				beside, me := open.Add(1), number.Add(1)
				in := bufio.NewReader(c)
				for {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					time.Sleep(late)
					if line = strings.TrimSuffix(line, "\n"); test.answer != nil {
						line = test.answer(line, beside, me)
					}
					_, _ = fmt.Fprintf(c, "you said %s\n", line) // the client sees how far it comes
				}
			})
			file := threeLines + test.file
			if test.wrong != "" {
				file = strings.Replace(file, `"three\n"`, `"three\n", expect: "you said three\n"`, 1)
			}
			cfg.Exchange, cfg.Timeout = judgetest.ExchangeFile(t, file), 10*time.Second
			r, err := judge.Before(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close(t.Context()) }()
			began := time.Now()
			if f := r.Learn(t.Context()); f != nil {
				t.Fatal(f.Problem)
			}
			if took := time.Since(began); took > test.most {
				t.Errorf("it took %s, and %s is the most", took, test.most)
			}
			d := r.Server.Dialect
			if n := len(d.Cuttable()); n != 3 && test.wrong == "" || n != 2 && test.wrong != "" {
				t.Errorf("%d messages were learned", n)
			}
		})
	}
}
