package judge

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestWrongFromThenOn: a server that answers its first clients rightly, and all others wrongly, each alike, mixes nothing of theirs: it is not
// told to, and where it cannot be started again one requirement is broken by it.
func TestWrongFromThenOn(t *testing.T) {
	for name, wrong := range map[string]func(c conn){
		"speaks first":        func(c conn) { _, _ = io.WriteString(c, "hi\n"); (&limited{most: 1}).serve(c, 1) },
		"says something else": func(c conn) { (&limited{most: 1}).serve(&elsewise{conn: c}, 1) },
	} {
		for _, right := range []int{3, 4, 5, 6, 8, 12, 20, 60} {
			virtually(t, fmt.Sprintf("%s/%d", name, right), func(t *testing.T) {
				cfg := serving(t, "line", func(c conn, number int) {
					if number > right {
						wrong(c)
						return
					}
					(&limited{most: 1}).serve(c, number)
				})
				cfg.Only, cfg.Skip = "LIFE-1..5,CONC,FRAM-1..7,LINE,CLOS", "LIFE-4"
				rep := judge(t, cfg)
				broken := having(rep, report.Fail)
				if len(broken) != 1 || slices.Contains(broken, Mixing) || rep.Conclusion != report.NotConformant {
					t.Errorf("broken: %q: %s", broken, told(rep))
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
		virtually(t, fmt.Sprint(every), func(t *testing.T) {
			cfg := serving(t, "line", func(c conn, number int) {
				if number%every == 0 {
					c = &elsewise{conn: c}
				}
				(&limited{most: 1}).serve(c, number)
			})
			cfg.Only, cfg.Workers = "LIFE-1..2,CONC-1,FRAM-1..5,LINE-1..4", 1
			rep := judge(t, cfg)
			if broken := having(rep, report.Fail); len(broken) == 0 {
				t.Errorf("nothing is broken: %s", told(rep))
			}
			if text := strings.Join(rep.Notes, "; ") + rep.Likely; strings.Contains(text, "mixes") || strings.Contains(text, "comes to another") {
				t.Errorf("it is told to mix its clients: %s", text)
			}
		})
	}
}

// elsewise answers with other bytes than it should.
type elsewise struct{ conn }

func (c *elsewise) Write(p []byte) (int, error) {
	return c.conn.Write(bytes.ToUpper(append([]byte("!"), p...)))
}
