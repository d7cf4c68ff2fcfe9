package suite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
)

// Test judges the target under go test: a subtest for each family, and in it
// one for each requirement, named by its id, so that
//
//	go test -run 'TestServer/FRAM/FRAM-2'
//
// shows one again. A broken MUST fails its subtest, and so does a broken SHOULD
// under Strict; an inconclusive MUST fails it too, since nothing was shown. What the
// target cannot show is skipped with its reason. A target that cannot be reached, or
// a configuration that cannot be meant, fails t at once.
//
// Any number of targets can be tested in one binary, beside one another too.
func Test(t *testing.T, cfg Config) {
	t.Helper()
	if cfg.Again == nil {
		name := t.Name()
		cfg.Again = func(id string) string {
			return fmt.Sprintf("go test -run '^%s$/^%s$/^%s$'", name, familyOf(id), id)
		}
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("streamspec: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("streamspec: the target could not be closed: %v", err)
		}
	})
	byFamily := map[string][]Requirement{}
	for _, r := range s.Requirements() {
		byFamily[r.Family()] = append(byFamily[r.Family()], r)
	}
	for _, f := range Families() {
		if len(byFamily[f.ID]) == 0 {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			for _, r := range byFamily[f.ID] {
				t.Run(r.ID, func(t *testing.T) { settle(t, s.Check(t.Context(), r), cfg.Strict) })
			}
		})
	}
	if text := s.Trouble(); text != "" {
		t.Errorf("streamspec: %s", text)
	}
}

// settle tells a subtest what its requirement's verdict means for it.
func settle(t *testing.T, r report.Result, strict bool) {
	t.Helper()
	switch failed, text := Failed(r, strict); {
	case failed:
		t.Error(text)
	case r.Verdict == report.Skip:
		t.Skip(r.Reason)
	case text != "":
		t.Log(text)
	}
}

// Failed says whether a verdict fails a test, and what there is to say of it:
// the evidence of a failure, the reason of a doubt, or a remark; "" for nothing. A
// broken MUST and an inconclusive MUST fail; under strict a broken SHOULD does too.
func Failed(r report.Result, strict bool) (failed bool, text string) {
	text = report.FailureText(r, report.ConsoleOptions{})
	switch r.Verdict {
	case report.Fail:
		return true, text
	case report.Warn:
		return strict, text
	case report.Inconclusive:
		return r.Level == report.Must, fmt.Sprintf("%s %s: inconclusive: %s\n%s", r.ID, r.Title, r.Reason, text)
	case report.Skip:
		return false, r.Reason
	default:
		return false, r.Observed
	}
}
