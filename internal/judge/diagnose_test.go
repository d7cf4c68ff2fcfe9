package judge

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/report"
)

// TestDiagnoses: a pattern over the results points at the mistake that was planted, and none is
// seen where the mistake is another.
func TestDiagnoses(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a run for every fault")
	}
	const none = ""
	says := map[string]string{
		"read-is-message":   "a read is taken for a message",
		"partial-dropped":   "a read is taken for a message",
		"decode-each-read":  "each read is decoded by itself",
		"crlf-split":        "only the cut between them",
		"cr-loses-next":     "only the cut between them",
		"first-line-only":   "behind the first request",
		"second-after-half": none, // a cut is needed too
		"idle-1s":           "a time limit",
		"lose-byte-4k":      "border of a buffer",
		"double-byte-64k":   "border of a buffer",
		"eof-loses":         "the end of the stream is handled before",
		"third-read":        none,
		"eight-reads":       none,
		"unicode-strip":     none,
		"replacement":       none,
		"last-line-dropped": none,
		"reset-close":       none,
		"serial":            none,
	}
	beside(t, slices.Sorted(maps.Keys(says)), func(t *testing.T, fault string) {
		f, ok := faulty.Lookup(fault)
		if !ok {
			t.Fatalf("there is no fault %s", fault)
		}
		cfg := inProcess(t, fault, "line")
		cfg.Only = "FRAM,CLOS-1," + contract.FamilyOf(f.Requirement)
		rep := judge(t, cfg)
		if want := says[fault]; (rep.Likely == none) != (want == none) || !strings.Contains(rep.Likely, want) {
			t.Errorf("the likely cause is %q, want %q: %s", rep.Likely, want, told(rep))
		}
	})
}

// beside runs a subtest for each name, beside one another and the tests that are parallel.
func beside(t *testing.T, names []string, test func(t *testing.T, name string)) {
	t.Parallel()
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, name)
		})
	}
}

// TestDiagnosisOfNothing: a right server, and one that could not be judged, get none.
func TestDiagnosisOfNothing(t *testing.T) {
	r := &Run{}
	for _, rep := range []*report.Report{
		{}, {First: "FRAM-4", Trouble: "it is not there", Results: []report.Result{{ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{}}}},
		{Results: []report.Result{{ID: "FRAM-1", Verdict: report.Pass}}},
	} {
		if text := r.diagnose(t.Context(), rep); text != "" {
			t.Errorf("a diagnosis of nothing: %q", text)
		}
	}
}

// TestDiagnosisByChance: on a busy machine the end of the stream comes with the last bytes where it was meant to come by
// itself, and a server that loses them then breaks what is not its mistake.
func TestDiagnosisByChance(t *testing.T) {
	const joined, apart = "whole, half-close with the last segment", "whole, then half-close"
	for _, test := range []struct{ first, closing, want string }{
		{joined, joined, "the end of the stream is handled before"},
		{apart, joined, "behind the first request"},
		{joined, "cut in two after byte 7 of 8, half-close with the last segment", "behind the first request"},
		{joined, "", "behind the first request"},
	} {
		results := []report.Result{
			{ID: "FRAM-1", Verdict: report.Pass}, {ID: "FRAM-7", Verdict: report.Pass},
			{ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{Delivery: test.first}},
		}
		if test.closing != "" {
			results = append(results, report.Result{ID: "CLOS-1", Verdict: report.Fail, Failure: &report.Failure{Delivery: test.closing}})
		}
		rep := &report.Report{First: "FRAM-4", Results: results}
		if text := new(Run).diagnose(t.Context(), rep); !strings.Contains(text, test.want) {
			t.Errorf("FRAM-4 %q, CLOS-1 %q: %q", test.first, test.closing, text)
		}
	}
}
