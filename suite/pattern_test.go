package suite

import (
	"slices"
	"strings"
	"testing"
)

// TestPattern: what -run and -skip of go test leave of a test's requirements.
func TestPattern(t *testing.T) {
	for _, c := range []struct {
		run, skip, name string
		want            bool
	}{
		{"", "", "TestServer/FRAM/FRAM-2", true},
		{"TestServer", "", "TestServer/FRAM/FRAM-2", true},
		{"TestServer/FRAM", "", "TestServer/FRAM/FRAM-2", true},
		{"TestServer/FRAM/FRAM-2", "", "TestServer/FRAM/FRAM-2", true},
		{"TestServer/FRAM/FRAM-2", "", "TestServer/FRAM/FRAM-3", false},
		{"TestServer/LINE", "", "TestServer/FRAM/FRAM-2", false},
		{"^TestServer$/^FRAM$/^FRAM-2$", "", "TestServer/FRAM/FRAM-2", true},
		{"^TestServer$/^FRAM$/^FRAM-1$", "", "TestServer/FRAM/FRAM-10", false},
		{"TestOther|TestServer/FRAM", "", "TestServer/FRAM/FRAM-2", true},
		{"TestOther|TestServer/LINE", "", "TestServer/FRAM/FRAM-2", false},
		{"TestServer/(FRAM|LINE)/.*-2", "", "TestServer/LINE/LINE-2", true},
		{"TestServer/(FRAM|LINE)/.*-2", "", "TestServer/LINE/LINE-3", false},
		{"TestServer/[FL|]", "", "TestServer/CODE/CODE-2", false},
		{`TestServer/FRAM\/`, "", "TestServer/FRAM/FRAM-2", false},
		{"TestServer/(", "", "TestServer/FRAM/FRAM-2", true}, // go test refuses it by itself
		{"", "FRAM", "TestServer/FRAM/FRAM-2", true},         // the name on the first level has no FRAM
		{"", "TestServer/FRAM", "TestServer/FRAM/FRAM-2", false},
		{"", "TestServer/FRAM/FRAM-2", "TestServer/FRAM/FRAM-2", false},
		{"", "TestServer/FRAM/FRAM-2", "TestServer/FRAM/FRAM-3", true},
		{"", "TestServer/FRAM/FRAM-2/deeper", "TestServer/FRAM/FRAM-2", true},
		{"TestServer/a server/LINE|TestServer/a_server/FRAM", "", "TestServer/a_server/LINE", true},
		{"TestServer", "/LINE", "TestServer/LINE/LINE-1", false},
	} {
		name := strings.Split(c.name, "/")
		got := parsePattern(c.run).selects(name) && !parsePattern(c.skip).leavesOut(name)
		if got != c.want {
			t.Errorf("-run %q -skip %q of %s: %t", c.run, c.skip, c.name, got)
		}
	}
}

// TestSplit: slashes and bars inside of brackets divide nothing.
func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"":          {""},
		"a/b":       {"a", "b"},
		"a/(b/c)/d": {"a", "(b/c)", "d"},
		"[/]/b":     {"[/]", "b"},
		`a\/b/c`:    {`a\/b`, "c"},
		"/":         {"", ""},
		"[(]/b":     {"[(]", "b"},
	} {
		if got := split(text, '/'); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
