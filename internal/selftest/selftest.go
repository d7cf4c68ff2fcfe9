// Package selftest runs the suite against servers of which it is known what is
// wrong with them: every planted fault, in every dialect in which it shows, and
// right servers. A fault that escapes, one that is caught under no requirement
// that explains it, and a right server that is blamed are the suite's own
// failures.
package selftest

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Kind is what is known of a subject.
type Kind string

// The kinds of subject.
const (
	Fault   Kind = "fault"   // one planted fault
	Rare    Kind = "rare"    // one that shows by chance alone, now and then
	Trivial Kind = "trivial" // a server that does not serve: it passes nothing
	Right   Kind = "right"   // a right server: it is blamed for nothing
	// Unjudged is a right server that gives everybody the same, so that no more can be said of it than why it cannot be judged.
	Unjudged Kind = "unjudged"
)

// A Subject is one server that the suite is run against.
type Subject struct {
	Name    string // of the fault or the control; Reference is the reference server itself
	Kind    Kind
	Dialect string
	// Requirement is the one that the fault is named for; "" of a right server.
	Requirement string
	// Warned are the ids of the requirements of which a right server breaks what they recommend: to be warned of these is right.
	Warned []string
	// InMemory says that it is met in memory, and not as a process of its own: what is wrong with it is a matter of bytes, of which there are many.
	InMemory bool
}

// Reference is the name of the reference server among the subjects.
const Reference = "reference"

// String returns "NAME/DIALECT".
func (s Subject) String() string { return s.Name + "/" + s.Dialect }

// Subjects returns every subject: the right servers first, then the faults, each
// in every dialect in which it shows, and by an exchange file where it shows by that.
func Subjects() []Subject {
	var all []Subject
	add := func(s Subject, dialects []string, exchanged bool) {
		if exchanged {
			dialects = append(slices.Clone(dialects), Exchanged)
		}
		for _, d := range dialects {
			s.Dialect = d
			s.InMemory = d == service.Name && s.Name != Reference
			all = append(all, s)
		}
	}
	add(Subject{Name: Reference, Kind: Right}, append(dialect.Names(), service.Name), true)
	for _, c := range faulty.Controls() {
		kind := Right
		if c.Unjudged {
			kind = Unjudged
		}
		add(Subject{Name: c.Name, Kind: kind, Warned: c.Warned}, c.Dialects, c.Exchanged)
	}
	for _, f := range faulty.All() {
		if f.Spins { // which nobody waits for here
			continue
		}
		kind := Fault
		switch {
		case f.Trivial:
			kind = Trivial
		case f.Rare:
			kind = Rare
		}
		add(Subject{Name: f.Name, Kind: kind, Requirement: f.Requirement}, f.Dialects, f.Exchanged)
	}
	return all
}

// Select returns the subjects that one of the patterns matches: a name, a
// requirement that it is named for, a family, a kind, or a pattern of path.Match
// for the name. Without patterns it returns all. Its error names the first
// pattern that matches none.
func Select(all []Subject, patterns []string) ([]Subject, error) {
	if len(patterns) == 0 {
		return all, nil
	}
	chosen := make([]bool, len(all))
	for _, p := range patterns {
		found := false
		for i, s := range all {
			family, _, _ := strings.Cut(s.Requirement, "-")
			match, err := path.Match(p, s.Name)
			if err == nil && match || strings.EqualFold(p, s.Requirement) || strings.EqualFold(p, family) && family != "" || p == string(s.Kind) {
				chosen[i], found = true, true
			}
		}
		if !found {
			var names []string
			for _, s := range all {
				names = append(names, s.Name)
			}
			return nil, &judge.ConfigError{Text: hint.Unknown("fault", p, slices.Compact(names))}
		}
	}
	var some []Subject
	for i, s := range all {
		if chosen[i] {
			some = append(some, s)
		}
	}
	return some, nil
}

// An Outcome is what the suite said of a subject.
type Outcome struct {
	Name        string `json:"name"`
	Dialect     string `json:"dialect"`
	Kind        Kind   `json:"kind"`
	Requirement string `json:"requirement,omitempty"` // the one that the fault is named for
	// First is the requirement to begin with (report.Report.First), "" where nothing is broken.
	First        string            `json:"first,omitempty"`
	Broken       []string          `json:"broken,omitempty"` // MUST and SHOULD, in the order of the contract
	Inconclusive []string          `json:"inconclusive,omitempty"`
	Conclusion   report.Conclusion `json:"conclusion"`
	// Problem is why the suite itself fails here, in one sentence without a full stop; "" where it does not.
	Problem string `json:"problem,omitempty"`

	Took   time.Duration `json:"-"`
	Passed []string      `json:"-"`
}

// sentence says of an outcome what it came to.
func (o Outcome) sentence() string {
	switch {
	case len(o.Broken) > 0:
		return string(o.Conclusion) + ": " + strings.Join(o.Broken, ", ")
	case len(o.Inconclusive) > 0:
		return "inconclusive: " + strings.Join(o.Inconclusive, ", ")
	}
	return string(o.Conclusion)
}

// Named reports whether the fault was caught first by the requirement that it is named for.
func (o Outcome) Named() bool { return o.First != "" && o.First == o.Requirement }

// Key is the subject's name and dialect.
func (o Outcome) Key() string { return o.Name + "/" + o.Dialect }

// Config says how to run the selftest.
type Config struct {
	// Launch returns what starts the subject's server.
	Launch func(Subject) (*target.Launcher, error)
	// AtOnce is how many subjects are judged beside one another; 0 means 4.
	AtOnce int
	// Seed is the seed of every run.
	Seed uint64
	// Only returns the requirements that a subject is judged by; nil, or none returned, means all.
	Only func(Subject) []string
	// Seen says whether an outcome in memory shows what there is to be seen of its subject. Where it is given, servers are met in memory,
	// in much less of a processor's time, and as processes where that does not show it. Where it is nil, all are met as their subjects say.
	Seen func(Outcome) bool
	// Done hears of each outcome as it is known; it is called by one goroutine at a time.
	Done func(Outcome)
}

// Run judges the subjects and returns their outcomes in the order of the
// subjects. When ctx ends, what was not judged to its end is left out, and the
// context's error returned. Any other error is trouble of our own with starting a server.
func Run(ctx context.Context, subjects []Subject, cfg Config) ([]Outcome, error) {
	if cfg.AtOnce <= 0 {
		cfg.AtOnce = 4
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcomes := make([]*Outcome, len(subjects))
	queue := make(chan int)
	var said sync.Mutex
	var wg sync.WaitGroup
	for range cfg.AtOnce {
		wg.Go(func() {
			for i := range queue {
				o, err := judgeOne(ctx, subjects[i], cfg)
				if err != nil {
					cancel(fmt.Errorf("%s: %w", subjects[i], err))
					continue
				}
				outcomes[i] = o
				if cfg.Done != nil {
					said.Lock()
					cfg.Done(*o)
					said.Unlock()
				}
			}
		})
	}
feed:
	for i := range subjects {
		select {
		case queue <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(queue)
	wg.Wait()
	var all []Outcome
	for _, o := range outcomes {
		if o != nil {
			all = append(all, *o)
		}
	}
	return all, context.Cause(ctx)
}

// judgeOne judges one subject, by all that it is to be judged by.
func judgeOne(ctx context.Context, s Subject, cfg Config) (*Outcome, error) {
	var only []string
	if cfg.Only != nil {
		only = cfg.Only(s)
	}
	if cfg.Seen == nil || s.InMemory || s.Name == Reference {
		return judgeAs(ctx, s, cfg, only)
	}
	return judgeInMemory(ctx, s, cfg, only)
}

// judgeInMemory judges in memory what can be seen there, and as a process what is caught by that alone, or is not seen.
func judgeInMemory(ctx context.Context, s Subject, cfg Config, only []string) (*Outcome, error) {
	if s.Kind == Right || !s.byProcess(only) {
		near := s
		near.InMemory = true
		o, err := judgeAs(ctx, near, cfg, only)
		if err != nil || cfg.Seen(*o) {
			return o, err
		}
		// Some servers need a descriptor, and some mistakes what the system does with segments, or its queue of connections.
	}
	return judgeAs(ctx, s, cfg, only)
}

// judgeAs runs the suite against one subject as it says that it is met, by these requirements, or all where none is named.
func judgeAs(ctx context.Context, s Subject, cfg Config, only []string) (*Outcome, error) {
	run, end, err := s.meets(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.Close)
		defer cancel()
		end(closing)
	}()
	run.Dialect, run.Seed, run.Reader = s.Dialect, cfg.Seed, reader(s)
	run.Only = strings.Join(only, ",")
	if s.Dialect == service.Name {
		run.HTTP = web
		if s.InMemory { // where there is no address to be asked by
			run.HTTP.Fields = []string{"Host: selftest.example"}
		}
	}
	if s.Kind != Right && s.Kind != Unjudged {
		run.Timeout = patience.Planted
	}
	if s.Dialect == Exchanged {
		if run.Exchange, err = file(); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	rep, err := judge.Judge(ctx, run)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	o := outcome(s, rep)
	o.Took = time.Since(began)
	return &o, nil
}

// reader gives the subject's read operation in this process.
func reader(s Subject) func(io.ReadWriter) bench.Reader {
	if s.Dialect != "script" {
		return nil
	}
	return func(rw io.ReadWriter) bench.Reader {
		if operations, err := faulty.Operations(s.Name, rw, reference.Config{}); err == nil {
			return operations
		}
		return reference.NewStreamHandler(rw, reference.Config{})
	}
}

// outcome is what a report says of the subject, and whether it should.
func outcome(s Subject, rep *report.Report) Outcome {
	o := Outcome{Name: s.Name, Dialect: s.Dialect, Kind: s.Kind, Requirement: s.Requirement, First: rep.First, Conclusion: rep.Conclusion}
	for _, r := range rep.Results {
		switch r.Verdict {
		case report.Fail, report.Warn:
			o.Broken = append(o.Broken, r.ID)
		case report.Inconclusive:
			o.Inconclusive = append(o.Inconclusive, r.ID)
		case report.Pass:
			o.Passed = append(o.Passed, r.ID)
		}
	}
	o.Problem = problem(s, o, o.Passed, because(rep, s.Warned))
	return o
}

// problem says what is wrong with an outcome; because is the first reason that there is for what is not right.
func problem(s Subject, o Outcome, passed []string, because string) string {
	switch s.Kind {
	case Right:
		if len(without(o.Broken, s.Warned))+len(o.Inconclusive) > 0 || o.Conclusion != report.Conformant {
			return "a right server is blamed: " + because
		}
		if escaped := without(s.Warned, o.Broken); len(escaped) > 0 {
			return "a right server that breaks what is recommended is not warned of " + strings.Join(escaped, ", ")
		}
	case Unjudged:
		if len(o.Broken)+len(passed) > 0 || o.Conclusion != report.NoVerdict {
			return "a server that gives everybody the same is judged: " + because
		}
	case Trivial:
		if len(passed) > 0 {
			return "a server that does not serve passes " + strings.Join(passed, ", ")
		}
		if o.Conclusion == report.Conformant {
			return "a server that does not serve is conformant"
		}
	default:
		if len(o.Broken) == 0 {
			return "the fault escapes: " + because
		}
		if s.Kind == Fault && !explained(s.Requirement, o.Broken) {
			return fmt.Sprintf("the fault is caught by %s alone, which do not explain it", strings.Join(o.Broken, ", "))
		}
	}
	return ""
}

// without returns the ids that are not among the others.
func without(ids, others []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(others, id) })
}

// because is the first reason that a report gives for what is not right, beside what is to be warned of.
func because(rep *report.Report, warned []string) string {
	for _, r := range rep.Results {
		if slices.Contains(warned, r.ID) {
			continue
		}
		if r.Verdict == report.Fail || r.Verdict == report.Warn || r.Verdict == report.Inconclusive {
			return fmt.Sprintf("%s, %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	if n := len(rep.Results); n > 0 && rep.Summary.Skip == n { // nothing that was asked of it applied
		return fmt.Sprintf("%s, %s: %s", rep.Results[0].ID, rep.Results[0].Verdict, rep.Results[0].Reason)
	}
	return rep.Sentence
}

// explained reports whether a requirement of the family that the fault is named
// for is among the broken ones, or FRAM-1: the whole request is the control of everything.
func explained(requirement string, broken []string) bool {
	family, _, _ := strings.Cut(requirement, "-")
	return slices.ContainsFunc(broken, func(id string) bool { return id == "FRAM-1" || strings.HasPrefix(id, family+"-") })
}
