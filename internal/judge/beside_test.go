package judge_test

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// past is how many connections a crowded server serves rightly, whoever is there: more than the gate makes.
const past = 80

// crowded serves lines, and answers otherwise where at least so many clients are there: what another client said last, or an x for the
// first byte.
type crowded struct {
	least int
	what  string // "another's" or "another"

	mu   sync.Mutex
	said map[int]string // by the number of the connection
}

func (s *crowded) serve(c judgetest.Conn, number int) {
	s.note(number, "")
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.said, number)
	}()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		text := strings.Trim(lines.Text(), " \t\v\f\r")
		if text == "" {
			return
		}
		if _, err := fmt.Fprintln(c, s.answer(number, text)); err != nil {
			return
		}
	}
	_ = c.CloseWrite()
}

func (s *crowded) note(number int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said == nil {
		s.said = map[int]string{}
	}
	s.said[number] = text
}

func (s *crowded) answer(number int, text string) string {
	s.note(number, text)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.said) < s.least || number < past {
		return text
	}
	if s.what == "another" {
		return "x" + text[1:]
	}
	for other, said := range s.said {
		if other != number && said != "" {
			return said
		}
	}
	return text
}

// TestBeside: what fails beside other clients alone is blamed on nothing but that; also where each of many cases has seen it.
func TestBeside(t *testing.T) {
	for name, s := range map[string]struct {
		least        int
		what, broken string
		likely       string
	}{
		"right":                         {1 << 20, "", "", ""},
		"an answer is another client's": {2, "another's", "CONC-1", "comes to another"},
		"an answer is wrong":            {2, "another", "CONC-1", "comes to another"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			server := &crowded{least: s.least, what: s.what}
			cfg := judgetest.Serving(t, "line", server.serve)
			cfg.Only, cfg.Seed, cfg.Workers = "LIFE-1..2,CONC-1,FRAM-1..7,CLOS-1", 1, 6
			rep := judgetest.Judge(t, cfg)
			broken := strings.Join(judgetest.Having(rep, report.Fail, report.Warn), " ")
			if broken != s.broken || !strings.Contains(rep.Likely, s.likely) {
				t.Errorf("broken %q, and the likely cause is %q: %s", broken, rep.Likely, judgetest.Told(rep))
			}
		})
	}
}

// TestSharedValue: a server is right whose clients see what others have set, and the file has one key for all of them. It is not blamed,
// and what fails beside others alone is said to be that.
func TestSharedValue(t *testing.T) {
	judgetest.Virtually(t, "one key", func(t *testing.T) {
		var mu sync.Mutex
		var value string
		cfg := judgetest.Serving(t, "store", func(c judgetest.Conn, _ int) {
			for lines := bufio.NewScanner(c); lines.Scan(); {
				mu.Lock()
				answer := value
				if set, ok := strings.CutPrefix(lines.Text(), "SET "); ok {
					value, answer = set, "OK"
				}
				mu.Unlock()
				if _, err := fmt.Fprintln(c, answer); err != nil {
					return
				}
			}
		})
		cfg.Dialect, cfg.Only, cfg.Seed = "test.yaml", "LIFE-1..2,CONC-1,FRAM,CLOS-1", 1
		cfg.Exchange = judgetest.ExchangeFile(t, "protocol: a store\npipelines: true\nexchanges:\n  - {name: one, send: \"SET one\\nGET\\n\"}\n  - {name: two, send: \"SET two\\nGET\\n\"}\n")
		rep := judgetest.Judge(t, cfg)
		if broken := judgetest.Having(rep, report.Fail, report.Warn); len(broken) > 0 {
			t.Errorf("broken %s: %s", broken, judgetest.Told(rep))
		}
		if r := judgetest.Result(t, rep, "FRAM-7"); r.Verdict != report.Inconclusive || !strings.Contains(r.Reason, "connections may share something") {
			t.Errorf("FRAM-7: %s: %s", r.Verdict, r.Reason)
		}
	})
}

// TestUntoldAlone: what was broken beside other clients, and is left open alone, is left open for the reason that it has there, and shows
// nothing of what clients do to one another.
func TestUntoldAlone(t *testing.T) {
	const because = "this machine kept the client from running"
	for _, c := range []struct {
		dialect string
		alone   *finding.Finding
		want    report.Verdict
		says    string
	}{
		{"test.yaml", nil, report.Inconclusive, "connections may share something"},
		{"test.yaml", finding.NewUndecided(because), report.Inconclusive, because},
		{"line", nil, report.Pass, ""}, // it is CONC-1 that this tells of
		{"line", finding.NewUndecided(because), report.Inconclusive, because},
	} {
		judgetest.Virtually(t, fmt.Sprint(c.dialect, c.alone == nil), func(t *testing.T) {
			cfg := judgetest.Serving(t, "line", (&crowded{least: 1 << 20}).serve)
			if cfg.Dialect = c.dialect; c.dialect != "line" {
				cfg.Exchange = judgetest.ExchangeFile(t, "protocol: lines\npipelines: true\nexchanges:\n  - {name: one, send: \"one\\n\"}\n")
			}
			times := 0
			r := invented(t, cfg, rules.Case{Private: true, Run: func(context.Context, *bench.Bench) *finding.Finding {
				if times++; times > 1 {
					return c.alone
				}
				f := finding.NewBroken("it is wrong")
				f.Evidence.Actual.Total, f.Evidence.FirstDifference, f.Evidence.Runs, f.Evidence.Failed = 1, 0, 3, 3
				return f
			}}, rules.Case{Waits: true, Run: func(context.Context, *bench.Bench) *finding.Finding { return nil }})
			res := judgetest.Result(t, r.Begin(t.Context()).Report(), "TEST-1")
			if res.Verdict != c.want || !strings.Contains(res.Reason, c.says) || r.Mixes() != (c.alone == nil && c.dialect == "line") {
				t.Errorf("%d times: %s: %s; it mixes: %t", times, res.Verdict, res.Reason, r.Mixes())
			}
		})
	}
}

// TestFewestClients: of a server that mixes its clients it is shown by as few of them as show it.
func TestFewestClients(t *testing.T) {
	for _, id := range []string{"CONC-1/all-at-once", "CONC-1/side-by-side"} {
		judgetest.Virtually(t, id, func(t *testing.T) {
			server := &crowded{least: 2, what: "another's"}
			cfg := judgetest.Serving(t, "line", server.serve)
			cfg.Only = "CONC-1"
			r, err := judge.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(t.Context())
			for _, c := range rules.For("CONC-1", r.Dialect()) {
				if c.ID != id {
					continue
				}
				for range past / 3 { // what it serves rightly before
					if f := r.Play(t.Context(), rules.Of("LIFE-1")[0]); f != nil {
						t.Fatal(f.Problem)
					}
				}
				if f := r.Play(t.Context(), c); !f.Fact() || f.Evidence.Cost >= 3*player.CostOfClient {
					t.Errorf("%+v", f)
				}
				return
			}
			t.Error("the case is not there")
		})
	}
}
