package suite

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/suite/report"
)

// Test judges the server under go test: a subtest for each family, and in it
// one for each requirement, named by its id, so that
//
//	go test -run 'TestServer/FRAM/FRAM-2'
//
// shows one again. A broken MUST fails its subtest, and so does a broken SHOULD
// under Strict; an inconclusive MUST fails it too, since nothing was shown. What the
// server cannot show is skipped with its reason. A server that cannot be reached, or
// a configuration that cannot be meant, fails t at once.
//
// It is one run, as [Run] makes it: cases run beside one another, and each subtest waits for its own result. Any number of servers
// can be tested in one binary, beside one another too.
func Test(t *testing.T, cfg Config) {
	t.Helper()
	name := t.Name()
	if cfg.Again == nil {
		cfg.Again = func(id string) string {
			return fmt.Sprintf("go test -run '^%s$/^%s$/^%s$'", name, contract.FamilyOf(id), id)
		}
	}
	wanted := cfg
	if err := wanted.narrow(name); err != nil {
		t.Fatalf("streamspec: %v", err)
	}
	r, err := Begin(t.Context(), wanted)
	if err != nil {
		t.Fatalf("streamspec: %v", err)
	}
	t.Cleanup(func() { r.Report() }) // nothing of the run is left when the test has ended
	byFamily := map[string][]Requirement{}
	for _, req := range r.Requirements() {
		byFamily[req.Family] = append(byFamily[req.Family], req)
	}
	for _, f := range contract.Families() {
		if len(byFamily[f.ID]) == 0 {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			for _, req := range byFamily[f.ID] {
				t.Run(req.ID, func(t *testing.T) {
					res, _ := r.Result(req.ID)
					settle(t, res, cfg.Strict)
				})
			}
		})
	}
	rep := r.Report()
	for _, text := range rep.Unexpected {
		t.Errorf("streamspec: not as expected: %s", text)
	}
	if rep.Trouble != "" { // the server may have ended of nothing that a subtest tells
		t.Errorf("streamspec: %s", rep.Trouble)
	} else if text := report.Advice(rep); text != "" {
		t.Log(text)
	}
}

// narrow leaves out what the flags -run and -skip of go test leave out of the subtests of that name: it need not be judged. Where
// they leave out all, nothing is narrowed: the subtests are not run then.
func (c *Config) narrow(name string) error {
	all, err := c.selected()
	if err != nil {
		return err
	}
	run, skip := patternOf("test.run"), patternOf("test.skip")
	var ids []string
	for _, r := range all {
		path := append(strings.Split(name, "/"), r.Family(), r.ID)
		if run.selects(path) && !(len(skip) > 0 && skip.leavesOut(path)) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) > 0 && len(ids) < len(all) {
		c.Only, c.Skip = strings.Join(ids, ","), ""
	}
	return nil
}

// patternOf is what a flag of go test selects.
func patternOf(name string) pattern {
	if f := flag.Lookup(name); f != nil {
		return parsePattern(f.Value.String())
	}
	return nil
}

// settle tells a subtest what its requirement's verdict means for it.
func settle(t *testing.T, r report.Result, strict bool) {
	t.Helper()
	switch failed, text := Failed(r, strict); {
	case failed:
		t.Error(text)
	case r.Waived != nil:
		t.Skip(text)
	case r.Verdict == report.Skip:
		t.Skip(r.Reason)
	case text != "":
		t.Log(text)
	}
}

// Failed says whether a verdict fails a test, and what there is to say of it:
// the evidence of a failure, the reason of a doubt, or a remark; "" for nothing. A
// broken MUST and an inconclusive MUST fail; under strict a broken SHOULD does too. What is waived fails none, and passes none.
func Failed(r report.Result, strict bool) (failed bool, text string) {
	text = report.FailureText(r, report.ConsoleOptions{})
	if r.Waived != nil {
		return false, text
	}
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
