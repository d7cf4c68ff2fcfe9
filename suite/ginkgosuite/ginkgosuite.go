// Package ginkgosuite registers the contract's requirements in a ginkgo tree,
// for those who have one. It stands apart from package suite so that a plain go
// test binary has none of ginkgo's flags.
package ginkgosuite

import (
	"context"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// Describe adds a container with one spec for each requirement that the dialect
// can show ("" is script). configure is called once, by the first spec that runs, so that
// it may use what a BeforeSuite has started; its Dialect is set by the argument.
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
			ginkgo.It("has a dialect", func() { ginkgo.Fail(suite.Unknown("dialect", dialectName, dialect.Names())) })
		})
	}
	shared := &opened{configure: configure, dialect: dialectName}
	return ginkgo.Describe(text, ginkgo.Label("dialect:"+dialectName), func() {
		for _, f := range suite.Families() {
			ginkgo.Context(f.ID+" "+f.Name, ginkgo.Label("family:"+f.ID), func() {
				for _, r := range f.Requirements {
					if r.In(d) {
						shared.spec(r)
					}
				}
			})
		}
	})
}

// spec adds the spec of one requirement.
func (o *opened) spec(r suite.Requirement) {
	where := types.CodeLocation{}
	if len(r.Cases) > 0 {
		where = types.NewCodeLocation(0)
		where.FileName, where.LineNumber = r.Cases[0].Location()
	}
	ginkgo.It(r.ID+" "+r.Title, ginkgo.Label(level(r.Level)), where, func(ctx context.Context) {
		s, err := o.open(ctx)
		if err != nil {
			ginkgo.Fail("streamspec: " + err.Error())
		}
		if !selected(s, r) {
			ginkgo.Skip("left out by the configuration")
		}
		res := s.Check(ctx, r)
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

func selected(s *suite.Suite, r suite.Requirement) bool {
	for _, other := range s.Requirements() {
		if other.ID == r.ID {
			return true
		}
	}
	return false
}

// opened is a suite that the first spec opens. It holds nothing that must be given back:
// the target that a configuration brings is its owner's, and an address takes nothing.
type opened struct {
	once      sync.Once
	configure func() suite.Config
	dialect   string
	strict    bool
	suite     *suite.Suite
	err       error
}

func (o *opened) open(ctx context.Context) (*suite.Suite, error) {
	o.once.Do(func() {
		cfg := o.configure()
		cfg.Dialect = o.dialect
		o.strict = cfg.Strict
		if cfg.Again == nil {
			cfg.Again = func(id string) string { return "ginkgo --focus '" + id + " '" }
		}
		// The suite outlives the spec that opens it.
		o.suite, o.err = suite.Open(context.WithoutCancel(ctx), cfg)
	})
	return o.suite, o.err
}
