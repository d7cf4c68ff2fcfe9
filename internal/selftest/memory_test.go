package selftest

import (
	"errors"
	"slices"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestInMemory: where it is asked for, a server is a process where what is wrong with it is shown by a process alone, where memory does not show it,
// and for the part of a right server's requirements that are about its process; and no other is started.
func TestInMemory(t *testing.T) {
	started := errors.New("it is started")
	seen := func(o Outcome) bool { return o.Problem == "" }
	never := func(Outcome) bool { return false }
	for _, c := range []struct {
		name, dialect string
		kind          Kind
		requirement   string
		seen          func(Outcome) bool
		starts        bool
	}{
		{"crlf-split", "line", Fault, "FRAM-6", seen, false},
		{"crlf-split", "line", Fault, "FRAM-6", never, true},
		{"crlf-split", "line", Fault, "FRAM-6", nil, true},
		{"leak-descriptor", "echo", Fault, "LIFE-10", seen, true},
		{"accept-close", "echo", Trivial, "LIFE-1", seen, true}, // by all
		{Reference, "echo", Right, "", seen, true},
	} {
		launched := false
		s := Subject{Name: c.name, Dialect: c.dialect, Kind: c.kind, Requirement: c.requirement}
		_, err := Run(t.Context(), []Subject{s}, Config{
			Seen:   c.seen,
			Launch: func(Subject) (*target.Launcher, error) { launched = true; return nil, started },
			Only: func(s Subject) []string {
				if s.Kind != Fault {
					return nil
				}
				return []string{s.Requirement}
			},
		})
		if launched != c.starts || errors.Is(err, started) != c.starts || err != nil && !c.starts {
			t.Errorf("%s, where memory is %v: started is %v, not %v: %v", s, c.seen != nil, launched, c.starts, err)
		}
	}
	all := Subject{Name: "nagle", Dialect: "script", Kind: Right}
	if of := all.ofSystem(nil); !slices.Contains(of, "LIFE-6") || !slices.Contains(of, "ROBU-2") || slices.Contains(of, "FRAM-2") || slices.Contains(of, "HREQ-1") {
		t.Errorf("the system shows %q", of)
	}
	if of := all.ofSystem([]string{"FRAM-2", "LIFE-9"}); !slices.Equal(of, []string{"LIFE-9"}) {
		t.Errorf("of two the system shows %q", of)
	}
}

// TestWith: of a right server that is judged in two runs, both must say so.
func TestWith(t *testing.T) {
	right := Outcome{Name: "nagle", Kind: Right, Conclusion: report.Conformant, Passed: []string{"FRAM-2"}}
	blamed := Outcome{First: "LIFE-6", Broken: []string{"LIFE-6"}, Conclusion: report.NotConformant, Problem: "a right server is blamed"}
	for _, both := range []*Outcome{right.with(blamed), blamed.with(right)} {
		if both.First != "LIFE-6" || both.Problem == "" || both.Conclusion != report.NotConformant || !slices.Equal(both.Broken, blamed.Broken) || !slices.Equal(both.Passed, right.Passed) {
			t.Errorf("both say %+v", both)
		}
	}
	if both := right.with(Outcome{Conclusion: report.Conformant}); both.Conclusion != report.Conformant || both.Problem != "" {
		t.Errorf("both say %+v", both)
	}
}
