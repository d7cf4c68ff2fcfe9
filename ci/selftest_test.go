package ci

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/selftest"
	"github.com/streamspec/streamspec/suite"
)

// named is the least share of the faults that must be caught first by the requirement that they are named for. Of those of HTTP/1.1 fewer
// are: what breaks one sentence there breaks others about the same bytes, and often the general one that it is a case of, as FRAM-4 is for
// HCON-7; which shows it most simply is told.
const (
	named     = 0.95
	namedHTTP = 0.8
)

// TestMatrix holds the matrix of selftest.json, which .ci/run holds against the suite itself: it has every fault
// and every right server, all faults are caught, no right server is blamed, and every MUST and SHOULD that one of these
// servers can break catches a fault first. A requirement without one is not known to catch anything.
func TestMatrix(t *testing.T) {
	file, err := os.Open("selftest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := selftest.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range m.Problems() {
		t.Errorf("%s: %s", o.Key(), o.Problem)
	}
	if ids := m.Unproven(); len(ids) > 0 {
		t.Errorf("no planted fault is caught first by %s: plant one (CONTRIBUTING.md)", strings.Join(ids, ", "))
	}
	known := map[string]selftest.Outcome{}
	for _, o := range m.Outcomes {
		known[o.Key()] = o
	}
	for _, s := range selftest.Subjects() {
		o, ok := known[s.String()]
		delete(known, s.String())
		switch {
		case !ok:
			t.Errorf("%s is not in selftest.json: run the selftest (CONTRIBUTING.md)", s)
		case o.Kind != s.Kind || o.Requirement != s.Requirement:
			t.Errorf("%s is %s of %q, and selftest.json has %s of %q", s, s.Kind, s.Requirement, o.Kind, o.Requirement)
		}
	}
	for key := range known {
		t.Errorf("selftest.json has %s, which does not exist", key)
	}
	for _, part := range []struct {
		of    string
		least float64
		has   func(dialect string) bool
	}{
		{"streams", named, func(d string) bool { return d != "http1" }},
		{"HTTP/1.1", namedHTTP, func(d string) bool { return d == "http1" }},
	} {
		some := selftest.NewMatrix(slices.DeleteFunc(slices.Clone(m.Outcomes), func(o selftest.Outcome) bool { return !part.has(o.Dialect) }))
		if s := some.Sums(); float64(s.Named) < part.least*float64(s.Faults) {
			t.Errorf("of %s only %d of %d faults are caught first by the requirement that names them", part.of, s.Named, s.Faults)
		}
	}
	var markdown strings.Builder
	if err := m.WriteMarkdown(&markdown); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("selftest.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != markdown.String() {
		t.Error("selftest.md is not what selftest.json makes: run the selftest (CONTRIBUTING.md)")
	}
	for _, r := range suite.Catalogue() {
		judged := slices.ContainsFunc(r.Dialects, func(d string) bool { return slices.Contains(selftest.Dialects(), d) })
		if !strings.Contains(string(text), "| "+r.ID+" |") && r.Level != "MAY" && judged {
			t.Errorf("selftest.md does not have %s", r.ID)
		}
	}
}
