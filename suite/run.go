package suite

import (
	"context"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/suite/report"
)

// Run judges the server by every selected requirement and returns the report. Its error is *ConfigError or
// *target.UsageError for a call that is wrong, *target.UnreachableError for a server that is not there. When ctx ends, the report
// says what is known so far.
func Run(ctx context.Context, cfg Config) (*report.Report, error) {
	r, err := Begin(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return r.Report(), nil
}

// A Running judges in the background. What is known of a requirement can be had before all is.
type Running struct {
	run       *judge.Run
	judgement *judge.Judgement
	report    *report.Report
	ended     chan struct{}
}

// Begin begins to judge the server, for who wants each result as it is known; [Run] is for the others. Its error is that of Run.
// When ctx ends, what was not judged yet is inconclusive.
func Begin(ctx context.Context, cfg Config) (*Running, error) {
	j, release, err := cfg.open()
	if err != nil {
		return nil, err
	}
	run, err := judge.Open(ctx, j)
	if err != nil {
		release()
		return nil, err
	}
	r := &Running{run: run, judgement: run.Begin(ctx), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.report = r.judgement.Report()
		_ = run.Close(context.WithoutCancel(ctx)) // of an address there is nothing to give back that can fail
		release()
	}()
	return r, nil
}

// Requirements returns what is judged, in the order of the contract.
func (r *Running) Requirements() []Requirement {
	var all []Requirement
	for _, req := range r.run.Requirements() {
		all = append(all, requirement(req))
	}
	return all
}

// Result waits for the result of a requirement, and returns it; ok is false where it is not judged.
func (r *Running) Result(id string) (res report.Result, ok bool) { return r.judgement.Result(id) }

// Report waits until all is judged, and returns the report.
func (r *Running) Report() *report.Report {
	<-r.ended
	return r.report
}

// Trouble is the one message where a plain session was not answered rightly, so that nothing could be judged; else "".
func (r *Running) Trouble() string { return r.run.Trouble() }
