package suite

import (
	"strings"
	"testing"

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
	for fault, says := range map[string]string{
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
		"cr-ends":           none,
		"nul-ends-text":     none,
		"never-closes":      none,
		"reset-close":       none,
		"fail-kills":        none,
		"serial":            none,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			dialect := "line"
			if _, ok := faulty.Lookup(fault); !ok {
				t.Fatalf("there is no fault %s", fault)
			}
			cfg := inProcess(t, fault, dialect)
			cfg.Only = "LIFE-1..5,CONC-1,CONC-2,FRAM,LINE,CODE,CLOS"
			rep := judge(t, cfg)
			if (rep.Likely == none) != (says == none) || !strings.Contains(rep.Likely, says) {
				t.Errorf("the likely cause is %q, want %q: %s", rep.Likely, says, told(rep))
			}
		})
	}
}

// TestDiagnosisOfNothing: a right server, and one that could not be judged, get none.
func TestDiagnosisOfNothing(t *testing.T) {
	s := &Suite{}
	for _, rep := range []*report.Report{
		{}, {First: "FRAM-4", Trouble: "it is not there", Results: []report.Result{{ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{}}}},
		{Results: []report.Result{{ID: "FRAM-1", Verdict: report.Pass}}},
	} {
		if text := s.diagnose(t.Context(), rep); text != "" {
			t.Errorf("a diagnosis of nothing: %q", text)
		}
	}
}
