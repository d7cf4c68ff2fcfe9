// Package ginkgosuite registers the contract's requirements in a ginkgo tree,
// for those who have one. It stands apart from package suite so that a plain go
// test binary has none of ginkgo's flags.
package ginkgosuite

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/dialects"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
)

// Describe adds a container with one spec for each requirement that the dialect
// can show ("" is script). configure is called once, by the first spec that runs, so that
// it may use what a BeforeSuite has started; its Dialect is set by the argument.
//
// It is one run, as [suite.Run] makes it, of what ginkgo's filters leave: the first spec begins it, cases run beside one another,
// and each spec waits for its own result. The container is ordered, so that one process has it all, and goes on past failures.
//
// The container carries the label dialect:NAME, each family's container
// family:ID, and each spec its level, level:must, level:should or level:may: the
// level alone stands on the spec, since ginkgo adds labels and never overrides them.
func Describe(text, dialectName string, configure func() suite.Config) bool {
	if dialectName == "" {
		dialectName = "script"
	}
	d, ok := dialects.Lookup(dialectName)
	if !ok || dialectName == dialects.Exchange {
		return ginkgo.Describe(text, func() {
			ginkgo.It("has a dialect", func() { ginkgo.Fail(hint.Unknown("dialect", dialectName, named())) })
		})
	}
	shared := &running{configure: configure, dialect: dialectName}
	return ginkgo.Describe(text, ginkgo.Label("dialect:"+dialectName), ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		ginkgo.AfterAll(shared.end)
		for _, f := range contract.Families() {
			ginkgo.Context(familyText(f), ginkgo.Label("family:"+f.ID), func() {
				for _, r := range f.Requirements {
					if cases := rules.For(r.ID, d); len(cases) > 0 {
						shared.spec(f, r, cases[0])
					}
				}
			})
		}
	})
}

// spec adds the spec of one requirement, at the place of its first case.
func (o *running) spec(f contract.Family, r contract.Requirement, first rules.Case) {
	where := types.NewCodeLocation(0)
	where.FileName, where.LineNumber = first.Location()
	s := spec{id: r.ID, family: familyText(f), text: r.ID + " " + r.Title, labels: []string{"family:" + f.ID, level(r.Level)}, where: where}
	o.specs = append(o.specs, s)
	ginkgo.It(s.text, ginkgo.Label(level(r.Level)), where, func(ctx context.Context) {
		res, judged, err := o.result(ctx, r.ID)
		if err != nil {
			ginkgo.Fail("streamspec: " + err.Error())
		}
		if !judged {
			ginkgo.Skip("left out by the configuration")
		}
		failed, text := suite.Failed(res, o.cfg.Strict)
		switch {
		case failed:
			ginkgo.Fail(text)
		case res.Waived != nil:
			ginkgo.Skip(text)
		case res.Verdict == report.Skip:
			ginkgo.Skip(res.Reason)
		case text != "":
			ginkgo.AddReportEntry(r.ID, text, ginkgo.ReportEntryVisibilityFailureOrVerbose)
		}
	})
}

// named are the names of the dialects that stand for themselves: which requirements an exchange file can show hangs on what is in it.
func named() []string {
	return slices.DeleteFunc(dialects.Names(), func(name string) bool { return name == dialects.Exchange })
}

func familyText(f contract.Family) string { return f.ID + " " + f.Name }

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

// running is a run that the first spec begins. Specs of an ordered container run one after another, so nothing is locked.
type running struct {
	configure func() suite.Config
	dialect   string
	specs     []spec

	begun   bool
	cfg     suite.Config
	leftOut map[string]bool // by ginkgo's own filters, as far as we can tell
	asked   int             // results of this run that specs have asked for
	run     *suite.Running
	stop    context.CancelFunc
	err     error
}

// result waits for the result of a requirement. The first call begins the run. It is begun once more, whole, for a spec that runs
// though it was taken to be filtered out.
func (o *running) result(ctx context.Context, id string) (res report.Result, judged bool, err error) {
	if !o.begun {
		o.begun, o.err = true, errors.New("nothing was judged: see the first spec") // where there is no configuration
		o.cfg = o.configure()
		o.cfg.Dialect = o.dialect
		if o.cfg.Again == nil {
			o.cfg.Again = func(id string) string { return "ginkgo --focus '" + id + " '" }
		}
		suiteConfig, _ := ginkgo.GinkgoConfiguration()
		o.leftOut = leftOut(o.specs, suiteConfig, ginkgo.CurrentSpecReport())
		o.begin(ctx)
	}
	if o.leftOut[id] && o.err == nil {
		o.leftOut = nil
		o.stop()
		o.run.Report()
		o.begin(ctx)
	}
	if o.err != nil {
		return res, false, o.err
	}
	o.asked++
	res, judged = o.run.Result(id)
	return res, judged, nil
}

// begin begins a run that outlives the spec which asks for it. Where the filters leave nothing of what the configuration selects,
// it is the configuration's.
func (o *running) begin(ctx context.Context) {
	cfg := o.cfg
	var skip []string
	for _, s := range o.specs {
		if o.leftOut[s.id] {
			skip = append(skip, s.id)
		}
	}
	if len(skip) > 0 {
		if cfg.Skip != "" {
			skip = append(skip, cfg.Skip)
		}
		if cfg.Skip = strings.Join(skip, ","); cfg.Validate() != nil {
			cfg, o.leftOut = o.cfg, nil
		}
	}
	ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	o.asked = 0
	o.run, o.err = suite.Begin(ctx, cfg)
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
	rep := o.run.Report()
	if rep.Trouble != "" && o.run.Trouble() == "" { // the server has ended of nothing that a spec tells
		ginkgo.Fail("streamspec: " + rep.Trouble)
	}
	if text := report.Advice(rep); text != "" {
		ginkgo.AddReportEntry("streamspec", text, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
}
