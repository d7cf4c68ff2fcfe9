package contract

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSelect(t *testing.T) {
	count := func(keep func(Requirement) bool) (ids []string) {
		for _, r := range All() {
			if keep(r) {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	family := func(names ...string) []string {
		return count(func(r Requirement) bool { return slices.Contains(names, r.Family()) })
	}
	level := func(word string) []string {
		return count(func(r Requirement) bool { return string(r.Level) == word })
	}
	for _, c := range []struct {
		expr string
		want []string
	}{
		{"FRAM-2", []string{"FRAM-2"}},
		{"fram-2", []string{"FRAM-2"}},
		{" FRAM-2 , Line-10 ", []string{"FRAM-2", "LINE-10"}},
		{"FRAM-2,FRAM-2", []string{"FRAM-2"}},
		{"FRAM", family("FRAM")},
		{"read,LINE", family("READ", "LINE")},
		{"FRAM-*", family("FRAM")},
		{"F*", family("FRAM", "FLOW")},
		{"LINE-1*", []string{"LINE-1", "LINE-10"}},
		{"*-1", count(func(r Requirement) bool { return strings.HasSuffix(r.ID, "-1") })},
		{"LINE-[12]", []string{"LINE-1", "LINE-2"}},
		{"LINE-?", count(func(r Requirement) bool { return r.Family() == "LINE" && r.ID != "LINE-10" })},
		{"*", count(func(Requirement) bool { return true })},
		{"READ-2..4", []string{"READ-2", "READ-3", "READ-4"}},
		{"read-2..read-4", []string{"READ-2", "READ-3", "READ-4"}},
		{"READ-5..99", []string{"READ-5", "READ-6"}},
		{"LINE-9..10", []string{"LINE-9", "LINE-10"}},
		{"LIFE-1..1", []string{"LIFE-1"}},
		{"must", level("MUST")},
		{"SHOULD", level("SHOULD")},
		{"May", []string{"LINE-8", "SEND-7", "HREQ-8", "HREQ-16", "HFLD-4", "HFLD-10", "HLEN-5"}},
		{"hlen", family("HLEN")},
		{"HTTP", count(func(r Requirement) bool { return strings.HasPrefix(r.ID, "H") || r.Family() == "SMUG" })},
	} {
		set, err := Select(c.expr)
		if err != nil {
			t.Errorf("Select(%q): %v", c.expr, err)
			continue
		}
		got := count(func(r Requirement) bool { return set[r.ID] })
		if !slices.Equal(got, c.want) || len(got) != len(set) || len(got) == 0 {
			t.Errorf("Select(%q) = %q of %d, want %q", c.expr, got, len(set), c.want)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for expr, want := range map[string]string{
		"FARM-2":                    `unknown requirement "FARM-2": did you mean FRAM-2?`,
		"FRAM-22":                   `unknown requirement "FRAM-22": did you mean FRAM-12?`,
		"LIN":                       `unknown requirement "LIN": did you mean LINE?`,
		"shuld":                     `unknown requirement "shuld": did you mean SHOULD?`,
		"FRAM-2,CLOSE":              `unknown requirement "CLOSE": did you mean CLOS?`,
		"FRAM-2,,LINE":              `unknown requirement "": it is one of MUST, SHOULD, MAY`,
		"":                          `unknown requirement "": it is one of MUST, SHOULD, MAY`,
		"FRAM-5..2":                 `unknown requirement "FRAM-5..2"`,
		"FRAM-1..READ":              `unknown requirement "FRAM-1..READ"`,
		"2..5":                      `unknown requirement "2..5"`,
		"FRAM-2..5x":                `unknown requirement "FRAM-2..5x"`,
		"FRAM-[":                    `unknown requirement "FRAM-["`,
		"%d-1..2":                   `unknown requirement "%d-1..2"`,
		"a\nb\x1b[31mc":             `unknown requirement "a\nb\x1b[31mc"`,
		strings.Repeat("x", 100000): `unknown requirement "` + strings.Repeat("x", 64) + `…": it is one of`,
	} {
		set, err := Select(expr)
		if err == nil || set != nil {
			t.Errorf("Select(%.40q) = %v, %v: no error", expr, set, err)
		} else if text := err.Error(); !strings.HasPrefix(text, want) || strings.ContainsAny(text, "\n\r\x1b") || len(text) > 400 {
			t.Errorf("Select(%.40q) says %q, want %q in one line", expr, text, want)
		}
	}
}

// TestSelectAnything: no expression panics; one that is taken selects something
// that exists, and one that is refused is refused in one short line.
func TestSelectAnything(t *testing.T) {
	word := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[A-Za-z]{0,6}-?[0-9]{0,4}(\.\.[A-Z]{0,5}-?[0-9]{0,4})?`),
		rapid.StringMatching(`[A-Z%*?\[\]\\^\- .0-9]{0,12}`),
		rapid.SampledFrom(selectable()),
	)
	rapid.Check(t, func(t *rapid.T) {
		expr := strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), ",")
		set, err := Select(expr)
		if err != nil {
			if text := err.Error(); strings.ContainsAny(text, "\n\r") || len(text) > 600 {
				t.Fatalf("Select(%q) says %q", expr, err)
			}
			return
		}
		if len(set) == 0 {
			t.Fatalf("Select(%q) selects nothing and is no error", expr)
		}
		for id := range set {
			if _, ok := Lookup(id); !ok {
				t.Fatalf("Select(%q) selects %q", expr, id)
			}
		}
	})
}
