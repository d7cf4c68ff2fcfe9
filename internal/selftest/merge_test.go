package selftest

import (
	"slices"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestMerge: of the requirements that were judged anew the newer matrix says what they catch, and of all others the older.
func TestMerge(t *testing.T) {
	fault := func(first string, broken ...string) Outcome {
		return Outcome{Name: "a", Dialect: "line", Kind: Fault, Requirement: "LINE-2", First: first, Broken: broken, Conclusion: report.NotConformant}
	}
	for _, c := range []struct {
		name       string
		old, newer Outcome
		ids        []string
		want       Outcome
	}{
		{"one more", fault("LINE-2", "LINE-2", "LINE-9"), fault("LINE-2", "LINE-2", "LINE-10"), []string{"LINE-10"}, fault("LINE-2", "LINE-2", "LINE-9", "LINE-10")},
		{"a simpler one", fault("LINE-2", "LINE-2"), fault("LINE-1", "LINE-1", "LINE-2"), []string{"LINE-1"}, fault("LINE-1", "LINE-1", "LINE-2")},
		{"one less", fault("LINE-2", "LINE-2", "LINE-9"), fault("LINE-2", "LINE-2"), []string{"LINE-9"}, fault("LINE-2", "LINE-2")},
		{"the first less", fault("LINE-2", "LINE-2", "LINE-9"), fault(""), []string{"LINE-2"}, fault("LINE-9", "LINE-9")},
	} {
		got := NewMatrix([]Outcome{c.old}).Merge(NewMatrix([]Outcome{c.newer}), c.ids).Outcomes[0]
		if got.First != c.want.First || !slices.Equal(got.Broken, c.want.Broken) || got.Problem != "" || got.Conclusion != report.NotConformant {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	all := fault("LINE-9", "LINE-9")
	if got := NewMatrix([]Outcome{fault("LINE-2", "LINE-2"), right()}).Merge(NewMatrix([]Outcome{all}), nil); len(got.Outcomes) != 2 || got.cells()[all.Key()].First != "LINE-9" || len(got.cells()[all.Key()].Broken) != 1 {
		t.Errorf("a fault that was judged by all is %+v", got.Outcomes)
	}
	escaped := NewMatrix([]Outcome{fault("LINE-2", "LINE-2")}).Merge(NewMatrix([]Outcome{fault("")}), []string{"LINE-2"}).Outcomes[0]
	if escaped.Problem == "" || escaped.First != "" || escaped.Conclusion != report.Conformant {
		t.Errorf("a fault that escapes now: %+v", escaped)
	}
	right := right()
	blamed := right
	blamed.Broken, blamed.First, blamed.Conclusion = []string{"LINE-10"}, "LINE-10", report.NotConformant
	if got := NewMatrix([]Outcome{right}).Merge(NewMatrix([]Outcome{blamed}), []string{"LINE-10"}).Outcomes[0]; got.Problem == "" || got.First != "LINE-10" {
		t.Errorf("a right server that is blamed now: %+v", got)
	}
	warned := Outcome{Name: "closes-after-each", Dialect: "http1", Kind: Right, First: "HCON-1", Broken: []string{"HCON-1"}, Conclusion: report.Conformant}
	for _, newer := range []Outcome{warned, {Name: warned.Name, Dialect: "http1", Kind: Right, Conclusion: report.Conformant}} {
		if got := NewMatrix([]Outcome{warned}).Merge(NewMatrix([]Outcome{newer}), []string{"HREQ-1"}).Outcomes[0]; got.Problem != "" || got.Conclusion != report.Conformant || !slices.Equal(got.Broken, warned.Broken) {
			t.Errorf("a right server that is warned of a MUST: %+v", got)
		}
	}
	slow := Outcome{Name: "drip", Dialect: "line", Kind: Trivial, Requirement: "FRAM-8", Conclusion: report.NoVerdict}
	if got := NewMatrix([]Outcome{slow}).Merge(NewMatrix([]Outcome{slow}), []string{"LINE-10"}).Outcomes[0]; got.Problem != "" || got.Conclusion != report.NoVerdict {
		t.Errorf("a server that cannot be judged: %+v", got)
	}
	if got := NewMatrix([]Outcome{right}).Merge(NewMatrix([]Outcome{right, fault("LINE-2", "LINE-2")}), []string{"LINE-2"}); len(got.Outcomes) != 2 {
		t.Errorf("a fault that is new makes %d outcomes", len(got.Outcomes))
	}
}

// TestContest: a subject is judged by the requirement that caught it first too, so that it is known which is the simpler.
func TestContest(t *testing.T) {
	by := NewMatrix([]Outcome{{Name: "a", Dialect: "line", First: "LINE-2"}, {Name: "b", Dialect: "line"}}).Contest([]string{"LINE-10"})
	for name, want := range map[string][]string{"a": {"LINE-10", "LINE-2"}, "b": {"LINE-10"}, "new": {"LINE-10"}} {
		if got := by(Subject{Name: name, Dialect: "line"}); !slices.Equal(got, want) {
			t.Errorf("%s is judged by %q, want %q", name, got, want)
		}
	}
	if got := by(Subject{Name: "a", Dialect: "echo"}); len(got) > 0 {
		t.Errorf("in a dialect without lines it is judged by %q", got)
	}
}

func right() Outcome {
	return Outcome{Name: "reference", Dialect: "line", Kind: Right, Conclusion: report.Conformant}
}
