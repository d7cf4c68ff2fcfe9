// Package rules shows the requirements: a file for each family, with a function for each case. A case works with a bench alone, and
// returns what it found.
package rules

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Case is one way to show a requirement. It is a value: the doors to the suite run the same cases.
type Case struct {
	// ID is the requirement's id, a slash, and a short name for what is sent.
	ID string
	// Requirement is the id of the requirement that it shows.
	Requirement string
	// Takes is what a dialect must be able to do.
	Takes []Ability
	Needs Needs
	// Waits says that the case spends its time waiting, not computing: it runs beside the others without taking a place, or where none may
	// run beside it, beside those that are akin.
	Waits bool
	// Akin is a word for what the case does to a server, where others do the same. Each of them runs by itself; but where the server
	// is slow, or they wait and it can be started again, those of one word run beside one another, and what one finds then counts only when
	// it finds it by itself again.
	Akin string
	// Private says that nothing of what it sends concerns another connection: it may run beside others though it is not known what clients
	// share of their server.
	Private bool
	// Bytes is about how many bytes of requests and answers it takes, where they are many.
	Bytes int
	// Run returns nil when the requirement was shown.
	Run func(context.Context, *bench.Bench) *finding.Finding
	// Place returns the file and line of what the case is made of, where a reader finds more there than in Run; nil where not.
	Place func() (file string, line int)
	// Tag is a short word that no other case has; every text that its clients send begins with it.
	Tag string
}

// An Ability is something that a dialect can do or not.
type Ability func(dialect.Dialect) bool

// can is the ability of an interface of package dialect.
func can[T any](d dialect.Dialect) bool {
	_, ok := d.(T)
	return ok
}

// not is the lack of an ability.
func not(a Ability) Ability { return func(d dialect.Dialect) bool { return !a(d) } }

// What cases take of a dialect.
var (
	scripts     = []Ability{can[dialect.Scripter]}
	readsLines  = []Ability{can[dialect.LineReader]}
	generates   = []Ability{can[dialect.Generator]}
	streams     = []Ability{can[dialect.Streamer]}
	streamsLong = []Ability{can[dialect.Streamer], can[dialect.Generator]}
	closes      = []Ability{can[dialect.Closer], can[dialect.Predictor]}
	fails       = []Ability{can[dialect.Failer]}
	answersLong = []Ability{can[dialect.Answerer]}
	marked      = []Ability{can[dialect.Marker]}
	learned     = []Ability{can[dialect.Learner]}
	leaves      = []Ability{can[dialect.Closer], can[dialect.Learner]}
	bursts      = []Ability{can[dialect.Burster]}
	amasses     = []Ability{can[dialect.Amasser]}
	speaksHTTP  = []Ability{can[asked]}
)

// What cases that run alone do to a server, where several do the same: they have its handlers fail, connect many at once, or read no
// answers.
const (
	akinFails  = "fails"
	akinCrowd  = "crowd"
	akinUnread = "unread"
)

// In reports whether the case can be shown in the dialect.
func (c Case) In(d dialect.Dialect) bool {
	return !slices.ContainsFunc(c.Takes, func(a Ability) bool { return !a(d) })
}

// Needs is what a case must have, as a set.
type Needs uint8

const (
	// Exec: the suite can start and stop the server itself.
	Exec Needs = 1 << iota
	// PID: the server's process can be observed.
	PID
	// InProcess: the operations can be called in this process.
	InProcess
	// Together: the server serves more than one client at a time.
	Together
	// Alone: no other case may talk to the server meanwhile; these are hostile, or measure it.
	Alone
	// Turns: the server answers a request while the client's side stays open.
	Turns
	// Big: the case holds tens of megabytes; one such runs at a time.
	Big
)

// Has reports whether all of m are among the needs.
func (n Needs) Has(m Needs) bool { return n&m == m }

// Tags returns the words under which lists show the needs: "exec", "pid", "in-process".
func (n Needs) Tags() []string {
	var tags []string
	for _, t := range []struct {
		need Needs
		tag  string
	}{{Exec, "exec"}, {PID, "pid"}, {InProcess, "in-process"}} {
		if n.Has(t.need) {
			tags = append(tags, t.tag)
		}
	}
	return tags
}

// catalogue holds the cases by the ids of their requirements.
var catalogue = sync.OnceValue(func() map[string][]Case {
	return completed(life, conc, fram, read, line, code, send, clos, flow, robu, http())
})

// completed fills in what follows from where a case stands. That each requirement has cases, and each case a requirement, is held by
// a test.
func completed(families ...[]Case) map[string][]Case {
	all := map[string][]Case{}
	for _, f := range families {
		for _, c := range f {
			c.Tag = c.Requirement + string(rune('a'+len(all[c.Requirement])))
			c.ID = c.Requirement + "/" + c.ID
			all[c.Requirement] = append(all[c.Requirement], c)
		}
	}
	return all
}

// Of returns the cases of a requirement.
func Of(requirement string) []Case { return slices.Clone(catalogue()[requirement]) }

// For returns the cases of a requirement that the dialect can show.
func For(requirement string, d dialect.Dialect) []Case {
	var some []Case
	for _, c := range catalogue()[requirement] {
		if c.In(d) {
			some = append(some, c)
		}
	}
	return some
}

// Shows returns the requirements that the dialect can show, in the order of the contract.
func Shows(d dialect.Dialect) []contract.Requirement {
	var some []contract.Requirement
	for _, r := range contract.All() {
		if len(For(r.ID, d)) > 0 {
			some = append(some, r)
		}
	}
	return some
}

// NeedsOf returns what every case of a requirement needs.
func NeedsOf(requirement string) Needs { return common(catalogue()[requirement]) }

// common is what all of the cases need.
func common(cases []Case) Needs {
	if len(cases) == 0 {
		return 0
	}
	all := ^Needs(0)
	for _, c := range cases {
		all &= c.Needs
	}
	return all
}

// Location returns the file and line where a reader finds the check of the case: of the table that it is made of, or of the function that
// runs it.
func (c Case) Location() (file string, line int) {
	if c.Place != nil {
		return c.Place()
	}
	f := runtime.FuncForPC(reflect.ValueOf(c.Run).Pointer())
	if f == nil {
		return "", 0
	}
	return f.FileLine(f.Entry())
}
