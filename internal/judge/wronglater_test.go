package judge_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestWrongFromThenOn: a server that answers its first clients rightly, and all others wrongly, each alike, mixes nothing of theirs: it is not
// told to, and where it cannot be started again one requirement is broken by it.
func TestWrongFromThenOn(t *testing.T) {
	for name, wrong := range map[string]func(c judgetest.Conn){
		"speaks first":        func(c judgetest.Conn) { _, _ = io.WriteString(c, "hi\n"); (&judgetest.Limited{Most: 1}).Serve(c, 1) },
		"says something else": func(c judgetest.Conn) { (&judgetest.Limited{Most: 1}).Serve(&elsewise{Conn: c}, 1) },
	} {
		for _, right := range []int{3, 4, 5, 6, 8, 12, 20, 60} {
			judgetest.Virtually(t, fmt.Sprintf("%s/%d", name, right), func(t *testing.T) {
				cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, number int) {
					if number > right {
						wrong(c)
						return
					}
					(&judgetest.Limited{Most: 1}).Serve(c, number)
				})
				cfg.Only, cfg.Skip = "LIFE-1..5,CONC,FRAM-1..7,LINE,CLOS", "LIFE-4"
				rep := judgetest.Judge(t, cfg)
				broken := judgetest.Having(rep, report.Fail)
				if len(broken) != 1 || slices.Contains(broken, judge.Mixing) || rep.Conclusion != report.NotConformant {
					t.Errorf("broken: %q: %s", broken, judgetest.Told(rep))
				}
				if strings.Contains(strings.Join(rep.Notes, "; "), "mixes") {
					t.Errorf("the notes say that it mixes its clients: %q", rep.Notes)
				}
			})
		}
	}
}

// TestWrongNowAndThen: of a server that answers one client in some wrongly it is not told that it mixes them.
func TestWrongNowAndThen(t *testing.T) {
	for every := 7; every < 60; every += 2 {
		judgetest.Virtually(t, fmt.Sprint(every), func(t *testing.T) {
			cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, number int) {
				if number%every == 0 {
					c = &elsewise{Conn: c}
				}
				(&judgetest.Limited{Most: 1}).Serve(c, number)
			})
			cfg.Only, cfg.Workers = "LIFE-1..2,CONC-1,FRAM-1..5,LINE-1..4", 1
			rep := judgetest.Judge(t, cfg)
			if broken := judgetest.Having(rep, report.Fail); len(broken) == 0 {
				t.Errorf("nothing is broken: %s", judgetest.Told(rep))
			}
			if text := strings.Join(rep.Notes, "; ") + rep.Likely; strings.Contains(text, "mixes") || strings.Contains(text, "comes to another") {
				t.Errorf("it is told to mix its clients: %s", text)
			}
		})
	}
}

// elsewise answers with other bytes than it should.
type elsewise struct{ judgetest.Conn }

func (c *elsewise) Write(p []byte) (int, error) {
	return c.Conn.Write(bytes.ToUpper(append([]byte("!"), p...)))
}
