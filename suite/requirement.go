package suite

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// A Family is a group of requirements about one side of a server's behaviour.
// Each family stands in a file of its own, with its requirements and the cases that show them.
type Family struct {
	ID           string // "FRAM"
	Name         string // "framing"
	Summary      string // what the family is about, in one sentence
	Requirements []Requirement
}

// A Requirement is one numbered rule of the contract.
type Requirement struct {
	ID        string       // "FRAM-2"; numbers are never reused for another meaning
	Level     report.Level // MUST, SHOULD or MAY as in RFC 2119
	Title     string       // a few words, for lists
	Sentence  string       // the rule, in one sentence with its RFC 2119 word
	Rationale string       // why it matters: what goes wrong in the world where it is broken
	Citation  string       // where the rule comes from
	Dialects  string       // the letters of the dialects in which it can be shown: e, g, l, s, x
	Causes    []string     // what usually breaks it, most likely first
	Cases     []Case
}

// Family returns the part of the id before the number.
func (r Requirement) Family() string { return familyOf(r.ID) }

func familyOf(id string) string {
	family, _, _ := strings.Cut(id, "-")
	return family
}

// In reports whether the requirement can be shown in the dialect.
func (r Requirement) In(d dialect.Dialect) bool {
	return strings.IndexByte(r.Dialects, d.Letter()) >= 0
}

// DialectNames names the dialects in which the requirement can be shown; "exchange" stands for every exchange file.
func (r Requirement) DialectNames() []string {
	var names []string
	for _, d := range dialect.All() {
		if r.In(d) {
			names = append(names, d.Name())
		}
	}
	if r.In(exchange.New(nil, "exchange")) {
		names = append(names, "exchange")
	}
	return names
}

// A Case shows one requirement in one way. It is a value: the drivers (go test,
// ginkgo, the command line) all run the same ones.
type Case struct {
	// ID is the requirement's id and the case's own name: "FRAM-2/rich". The
	// catalogue completes it; a family's file writes the name alone.
	ID  string
	tag string // the requirement's id and a letter: a short name for what is sent
	// Requirement is the id of the requirement that it shows.
	Requirement string
	// Dialects narrows the requirement's dialects; "" is all of them.
	Dialects string
	Needs    Needs
	// Waits says that the case spends its time waiting, not computing: it runs beside the others without taking a place.
	Waits bool
	// Timeout bounds the case; 0 means 60 s. A case that reaches it is inconclusive.
	Timeout time.Duration
	// Run returns nil when the requirement was shown, *Broken when it is broken, *Undecided when
	// the suite could not judge, *NotShown when the target has not what it takes.
	Run func(ctx context.Context, e *Env) error
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

// Has reports whether all of n are among the needs.
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

// Needs returns what every case of the requirement needs.
func (r Requirement) Needs() Needs {
	all := ^Needs(0)
	for _, c := range r.Cases {
		all &= c.Needs
	}
	return all
}

// families is the catalogue in the order of the contract.
var families = completed(life, conc, fram, read, line, code, send, clos, flow, robu)

// completed fills in what follows from where a case stands. A mistake in the
// catalogue is a mistake of this package, and the tests read it all.
func completed(all ...Family) []Family {
	for _, f := range all {
		for i, r := range f.Requirements {
			for k := range r.Cases {
				c := &f.Requirements[i].Cases[k]
				c.tag = r.ID + string(rune('a'+k))
				c.Requirement, c.ID = r.ID, r.ID+"/"+c.ID
				if c.Dialects == "" {
					c.Dialects = r.Dialects
				}
				if c.Timeout == 0 {
					c.Timeout = time.Minute
				}
			}
		}
	}
	return all
}

// Families returns the catalogue: every family with its requirements, in the order of the contract.
func Families() []Family { return slices.Clone(families) }

// Catalogue returns every requirement in the order of the contract.
func Catalogue() []Requirement {
	var all []Requirement
	for _, f := range families {
		all = append(all, f.Requirements...)
	}
	return all
}

// Lookup finds a requirement by its id, in either case of letters.
func Lookup(id string) (Requirement, bool) {
	for _, r := range Catalogue() {
		if strings.EqualFold(r.ID, id) {
			return r, true
		}
	}
	return Requirement{}, false
}

// casesFor returns the cases of r that the dialect can show.
func (r Requirement) casesFor(d dialect.Dialect) []Case {
	var cases []Case
	for _, c := range r.Cases {
		if strings.IndexByte(c.Dialects, d.Letter()) >= 0 {
			cases = append(cases, c)
		}
	}
	return cases
}

// Location returns the file and line of the function that runs the case: where a reader finds its check.
func (c Case) Location() (file string, line int) {
	f := runtime.FuncForPC(reflect.ValueOf(c.Run).Pointer())
	if f == nil {
		return "", 0
	}
	return f.FileLine(f.Entry())
}
