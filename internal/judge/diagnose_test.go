package judge

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestDiagnosisOfNothing: a right server, and one that could not be judged, get none.
func TestDiagnosisOfNothing(t *testing.T) {
	r := &Run{}
	for _, rep := range []*report.Report{
		{}, {First: "FRAM-4", Trouble: "it is not there", Results: []report.Result{{ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{}}}},
		{Results: []report.Result{{ID: "FRAM-1", Verdict: report.Pass}}},
		{First: "FRAM-4", Results: []report.Result{ // it was seen once of three times
			{ID: "FRAM-1", Verdict: report.Pass}, {ID: "FRAM-7", Verdict: report.Pass}, {ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{Failed: 1, Runs: 3}}}},
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
			lost := &report.Failure{Delivery: test.closing, Expected: report.Bytes{Total: 1}}
			results = append(results, report.Result{ID: "CLOS-1", Verdict: report.Fail, Failure: lost})
		}
		rep := &report.Report{First: "FRAM-4", Results: results}
		if text := new(Run).diagnose(t.Context(), rep); !strings.Contains(text, test.want) {
			t.Errorf("FRAM-4 %q, CLOS-1 %q: %q", test.first, test.closing, text)
		}
	}
}

// TestDiagnosisOfAMissingClose: where the whole answer came, and only the close did not, no answer is said to be lost.
func TestDiagnosisOfAMissingClose(t *testing.T) {
	for came, says := range map[int64]string{4: "the end of the stream is handled before", 5: ""} {
		f := &report.Failure{Delivery: "whole, half-close with the last segment", Expected: report.Bytes{Total: 5}, Actual: report.Bytes{Total: came}}
		rep := &report.Report{First: "CLOS-1", Results: []report.Result{{ID: "FRAM-1", Verdict: report.Pass}, {ID: "CLOS-1", Verdict: report.Fail, Failure: f}}}
		if text := new(Run).diagnose(t.Context(), rep); (text == "") != (says == "") || !strings.Contains(text, says) {
			t.Errorf("%d of 5 bytes came: %q, want %q", came, text, says)
		}
	}
}
