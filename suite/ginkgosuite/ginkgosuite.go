// Package ginkgosuite registers the contract's requirements in a ginkgo tree,
// for those who have one. It stands apart from package suite so that a plain go
// test binary has none of ginkgo's flags.
package ginkgosuite

import (
	"context"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// Describe adds a container with one spec for each requirement that the dialect
// can show ("" is script). configure is called once, by the first spec that runs, so that
// it may use what a BeforeSuite has started; its Dialect is set by the argument.
//
// It is one run, as [suite.Run] makes it: the first spec begins it, cases run beside one another, and each spec waits for its own
// result. The container is ordered, so that one process has it all, and goes on past failures.
//
// The container carries the label dialect:NAME, each family's container
// family:ID, and each spec its level, level:must, level:should or level:may: the
// level alone stands on the spec, since ginkgo adds labels and never overrides them.
func Describe(text, dialectName string, configure func() suite.Config) bool {
	if dialectName == "" {
		dialectName = "script"
	}
	d, ok := dialect.Lookup(dialectName)
	if !ok {
		return ginkgo.Describe(text, func() {
			ginkgo.It("has a dialect", func() { ginkgo.Fail(hint.Unknown("dialect", dialectName, dialect.Names())) })
		})
	}
	shared := &running{configure: configure, dialect: dialectName}
	return ginkgo.Describe(text, ginkgo.Label("dialect:"+dialectName), ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		ginkgo.AfterAll(shared.end)
		for _, f := range contract.Families() {
			ginkgo.Context(f.ID+" "+f.Name, ginkgo.Label("family:"+f.ID), func() {
				for _, r := range f.Requirements {
					if cases := rules.For(r.ID, d); len(cases) > 0 {
						shared.spec(r, cases[0])
					}
				}
			})
		}
	})
}

// spec adds the spec of one requirement, at the place of its first case.
func (o *running) spec(r contract.Requirement, first rules.Case) {
	where := types.NewCodeLocation(0)
	where.FileName, where.LineNumber = first.Location()
	ginkgo.It(r.ID+" "+r.Title, ginkgo.Label(level(r.Level)), where, func(ctx context.Context) {
		run, err := o.begin(ctx)
		if err != nil {
			ginkgo.Fail("streamspec: " + err.Error())
		}
		o.asked++ // specs of an ordered container run one after another
		res, judged := run.Result(r.ID)
		if !judged {
			ginkgo.Skip("left out by the configuration")
		}
		failed, text := suite.Failed(res, o.strict)
		switch {
		case failed:
			ginkgo.Fail(text)
		case res.Verdict == report.Skip:
			ginkgo.Skip(res.Reason)
		case text != "":
			ginkgo.AddReportEntry(r.ID, text, ginkgo.ReportEntryVisibilityFailureOrVerbose)
		}
	})
}

func level(l report.Level) string {
	switch l {
	case report.Must:
		return "level:must"
	case report.Should:
		return "level:should"
	default:
		return "level:may"
	}
}

// running is a run that the first spec begins.
type running struct {
	once      sync.Once
	configure func() suite.Config
	dialect   string
	strict    bool
	asked     int // results that specs have asked for
	run       *suite.Running
	stop      context.CancelFunc
	err       error
}

func (o *running) begin(ctx context.Context) (*suite.Running, error) {
	o.once.Do(func() {
		cfg := o.configure()
		cfg.Dialect = o.dialect
		o.strict = cfg.Strict
		if cfg.Again == nil {
			cfg.Again = func(id string) string { return "ginkgo --focus '" + id + " '" }
		}
		// The run outlives the spec that begins it.
		ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
		o.run, o.err = suite.Begin(ctx, cfg)
	})
	return o.run, o.err
}

// end says where to begin, where there is something to say, and waits for what no spec has asked for.
func (o *running) end() {
	if o.stop == nil {
		return
	}
	defer o.stop()
	if o.run == nil {
		return
	}
	if trouble := o.run.Trouble(); trouble != "" {
		ginkgo.AddReportEntry("streamspec", trouble, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
	if o.asked < len(o.run.Requirements()) {
		o.stop() // specs that were left out ask for nothing
	}
	if text := report.Advice(o.run.Report()); text != "" {
		ginkgo.AddReportEntry("streamspec", text, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
}
