package judge

import (
	"testing"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/dialect"
)

// TestCauseIsTold: where the server burns a processor behind clients that have reset their connections, that is what ROBU-1 says, and not
// that nobody is served any more, which comes of it.
func TestCauseIsTold(t *testing.T) {
	r, _ := contract.Lookup("ROBU-1")
	var outcomes []outcome
	for _, c := range rules.For(r.ID, dialect.Line{}) {
		outcomes = append(outcomes, outcome{c: c, found: finding.NewBroken("%s", c.ID).Costing(0)})
	}
	res := verdicts{again: func(string) string { return "" }}.of(r, outcomes)
	if len(outcomes) != 2 || res.Failure == nil || res.Failure.Case != "ROBU-1/process" {
		t.Errorf("of %d cases: %+v", len(outcomes), res.Failure)
	}
}
