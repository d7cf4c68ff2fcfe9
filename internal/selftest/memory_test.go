package selftest

import (
	"errors"
	"testing"

	"github.com/streamspec/streamspec/suite/target"
)

// TestInMemory: where it is asked for, a server is a process where what is wrong with it is shown by a process alone, or memory does not show it;
// and no other is started.
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
		{"accept-close", "echo", Trivial, "", seen, true}, // by all
		{Reference, "echo", Right, "", seen, true},
		{"second-later", "greet", Right, "LIFE-6", seen, false},
	} {
		launched := false
		s := Subject{Name: c.name, Dialect: c.dialect, Kind: c.kind, Requirement: c.requirement}
		_, err := Run(t.Context(), []Subject{s}, Config{
			Seen:   c.seen,
			Launch: func(Subject) (*target.Launcher, error) { launched = true; return nil, started },
			Only: func(s Subject) []string {
				if s.Requirement == "" {
					return nil
				}
				return []string{s.Requirement, "FRAM-1"}
			},
		})
		if launched != c.starts || errors.Is(err, started) != c.starts || err != nil && !c.starts {
			t.Errorf("%s, where memory is %v: started is %v, not %v: %v", s, c.seen != nil, launched, c.starts, err)
		}
	}
}
