package report

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// runOf makes a run of results written as "FRAM-1 MUST pass".
func runOf(results ...string) *Report {
	r := &Report{}
	for _, s := range results {
		w := strings.Fields(s)
		r.Results = append(r.Results, Result{ID: w[0], Family: w[0][:4], Level: Level(w[1]), Verdict: Verdict(w[2])})
	}
	return r
}

func TestConclude(t *testing.T) {
	plain := func(*Report) {}
	strict := func(r *Report) { r.Strict = true }
	interrupted := func(r *Report) { r.Interrupted = true }
	trouble := func(r *Report) { r.Trouble = "nobody listens" }
	for _, c := range []struct {
		with     func(*Report)
		results  []string
		sentence string
	}{
		{plain, []string{"FRAM-1 MUST pass", "FRAM-2 MUST pass", "CONC-2 SHOULD pass", "CLOS-2 SHOULD warn", "LIFE-6 MUST skip", "LINE-8 MAY info"},
			"conformant: 2 of 2 MUST, 1 of 2 SHOULD, 1 not applicable"},
		{plain, []string{"FRAM-1 MUST pass", "CONC-2 SHOULD inconclusive"}, "conformant: 1 of 1 MUST, 0 of 1 SHOULD, 1 inconclusive"},
		{plain, []string{"CONC-2 SHOULD pass"}, "conformant: 1 of 1 SHOULD"},
		{plain, []string{"FRAM-1 MUST pass", "FRAM-2 MUST fail", "FRAM-3 MUST fail", "CONC-2 SHOULD warn", "LIFE-6 MUST skip"},
			"not conformant: 2 of 3 MUST broken (FRAM-2, FRAM-3), 0 of 1 SHOULD, 1 not applicable"},
		{plain, []string{"FRAM-1 MUST fail", "FRAM-2 MUST inconclusive"}, "not conformant: 1 of 2 MUST broken (FRAM-1), 1 inconclusive"},
		{plain, []string{"FRAM-1 MUST warn", "FRAM-2 MUST pass"}, "conformant: 1 of 2 MUST (1 with a warning: FRAM-1)"},
		{strict, []string{"FRAM-1 MUST warn", "FRAM-2 MUST pass"}, "not conformant: 1 of 2 MUST broken under strict (FRAM-1)"},
		{plain, []string{"FRAM-1 MAY fail", "FRAM-2 MUST pass"}, "not conformant: 1 of 1 MUST, 1 of 1 MAY broken (FRAM-1)"},
		{plain, []string{"FRAM-1 MUST fail", "FRAM-2 MUST warn"}, "not conformant: 1 of 2 MUST broken (FRAM-1)"},
		{strict, []string{"FRAM-1 MUST pass", "CONC-2 SHOULD warn", "CLOS-2 SHOULD pass"},
			"not conformant: 1 of 1 MUST, 1 of 2 SHOULD broken under strict (CONC-2)"},
		{strict, []string{"FRAM-1 MUST pass", "CONC-2 SHOULD inconclusive"}, "no verdict: 1 of 1 MUST, 1 of 1 SHOULD inconclusive under strict (CONC-2)"},
		{interrupted, []string{"FRAM-1 MUST fail", "FRAM-2 MUST skip"}, "not conformant: 1 of 1 MUST broken (FRAM-1), 1 not judged, interrupted"},
		{interrupted, []string{"FRAM-1 MUST pass", "FRAM-2 MUST skip"}, "no verdict: interrupted, 1 of 1 MUST, 1 not judged"},
		{interrupted, nil, "no verdict: interrupted"},
		{trouble, []string{"FRAM-1 MUST skip"}, "no verdict: the target could not be judged, 1 not judged"},
		{trouble, []string{"FRAM-1 MUST fail"}, "not conformant: 1 of 1 MUST broken (FRAM-1)"},
		{trouble, nil, "no verdict: the target could not be judged"},
		{plain, []string{"FRAM-1 MUST pass", "FRAM-7 MUST inconclusive", "CLOS-1 MUST inconclusive", "CONC-2 SHOULD inconclusive"},
			"no verdict: 2 of 3 MUST inconclusive (FRAM-7, CLOS-1), 0 of 1 SHOULD, 1 inconclusive"},
		{plain, []string{"FRAM-1 MUST nonsense", "FRAM-2 MUST pass"}, "no verdict: 1 of 2 MUST inconclusive (FRAM-1)"},
		{plain, []string{"FRAM-1 MUST skip", "LINE-8 MAY info"}, "no verdict: no requirement was shown to hold, 1 not applicable"},
		{plain, nil, "no verdict: no requirement was shown to hold"},
		{plain, []string{"CONC-2 SHOULD inconclusive"}, "no verdict: no requirement was shown to hold, 1 inconclusive"},
		{plain, []string{"FRAM-1 MUST pass", "CONC-2 SHOULD fail"}, "not conformant: 1 of 1 MUST, 1 of 1 SHOULD broken (CONC-2)"},
		{strict, []string{"FRAM-1 MUST fail", "CONC-2 SHOULD pass"}, "not conformant: 1 of 1 MUST broken (FRAM-1), 1 of 1 SHOULD"},
	} {
		r := runOf(c.results...)
		c.with(r)
		Conclude(r)
		if r.Sentence != c.sentence {
			t.Errorf("%v:\n got %s\nwant %s", c.results, r.Sentence, c.sentence)
		}
		if !strings.HasPrefix(r.Sentence, string(r.Conclusion)+": ") {
			t.Errorf("%s: %s", r.Conclusion, r.Sentence)
		}
	}
}

func TestConcludeNamesABoundedNumber(t *testing.T) {
	var results []string
	for i := range 20 {
		results = append(results, fmt.Sprintf("FRAM-%d MUST fail", i+1))
	}
	want := "not conformant: 20 of 20 MUST broken (FRAM-1, FRAM-2, FRAM-3, FRAM-4, FRAM-5, FRAM-6, FRAM-7, FRAM-8 and 12 more)"
	if got := concluded(runOf(results...)).Sentence; got != want {
		t.Errorf("%s", got)
	}
}

func TestConcludeCountsAnew(t *testing.T) {
	r := failingRun()
	Conclude(r)
	first := fmt.Sprint(r.Summary, r.Cuts, r.Sentence)
	Conclude(r)
	if second := fmt.Sprint(r.Summary, r.Cuts, r.Sentence); first != second {
		t.Errorf("%s, then %s", first, second)
	}
	if want := (Summary{Pass: 51, Fail: 6, Info: 2, Skip: 7}); r.Summary != want {
		t.Errorf("%+v", r.Summary)
	}
}

func TestExitStatus(t *testing.T) {
	for c, want := range map[Conclusion]int{Conformant: 0, NotConformant: 1, NoVerdict: 3, "": 3, "fine": 3} {
		if got := c.ExitStatus(); got != want {
			t.Errorf("%q exits with %d", c, got)
		}
	}
}

func TestConformantMeansThatNoMustFailed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport().Draw(t, "report")
		if r.Summary.Pass+r.Summary.Fail+r.Summary.Warn+r.Summary.Info+r.Summary.Skip+r.Summary.Inconclusive != len(r.Results) {
			t.Fatalf("%+v of %d results", r.Summary, len(r.Results))
		}
		failed := r.Summary.Fail > 0
		if failed != (r.Conclusion == NotConformant) && r.Summary.Warn == 0 {
			t.Fatalf("%d failed: %s", r.Summary.Fail, r.Conclusion)
		}
		if r.Conclusion != Conformant {
			return
		}
		if r.Trouble != "" || r.Interrupted || r.Summary.Pass == 0 {
			t.Fatalf("conformant: %+v", r)
		}
		for _, res := range r.Results {
			must := res.Level != Should && res.Level != May
			warned := res.Verdict == Warn && !r.Strict
			if res.Verdict != Pass && res.Verdict != Skip && res.Verdict != Info && !warned && (must || r.Strict && res.Level == Should) {
				t.Fatalf("conformant with %s %s", res.Level, res.Verdict)
			}
		}
	})
}

// TestExplain: what to begin with shows the likely cause, where one is told; else it is a MUST before a SHOULD, and what costs least.
func TestExplain(t *testing.T) {
	broken := func(id string, v Verdict, cost int64) Result {
		return Result{ID: id, Family: id[:4], Level: Must, Verdict: v, Failure: &Failure{Cost: cost, Causes: []string{"a", "b"}}}
	}
	r := &Report{Results: []Result{
		broken("LIFE-5", Fail, 900), broken("LIFE-12", Warn, 0), broken("FRAM-2", Fail, 7), broken("FRAM-3", Fail, 7), broken("FRAM-7", Inconclusive, 0),
		{ID: "FRAM-8", Verdict: Pass},
	}}
	if Conclude(r); r.First != "FRAM-2" {
		t.Errorf("begin with %s: of those that cost as little, the first MUST is wanted", r.First)
	}
	Explain(r, "leaving clients end it", "LIFE-5", "LIFE-12", "FRAM-8")
	if r.First != "LIFE-5" || r.Likely != "leaving clients end it" {
		t.Errorf("begin with %s (%s): one that shows the cause is wanted, and a MUST", r.First, r.Likely)
	}
	if usually := r.Results[0].Failure.Causes; len(usually) != 1 || usually[0] != r.Likely {
		t.Errorf("usually %q, beside a likely cause", usually)
	}
	if usually := r.Results[2].Failure.Causes; len(usually) != 2 {
		t.Errorf("usually %q, of a requirement that shows another cause", usually)
	}
	if Explain(r, "another", "READ-1"); r.First != "FRAM-2" {
		t.Errorf("begin with %s, where none that is broken shows the cause", r.First)
	}
}
