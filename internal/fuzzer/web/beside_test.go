package web_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/suite/report"
)

// besideDraws are those that a comparison gives to two servers here.
const besideDraws = 1000

// compared is what comes of two servers in memory: nil is the reference's demonstration.
func compared(t *testing.T, a, b server) *web.Compared {
	t.Helper()
	two := web.Two{A: meet(t, a, posts), B: meet(t, b, posts), Names: [2]string{"A", "B"}, Seed: 1, Draws: besideDraws}
	return two.Compare(t.Context())
}

// TestBeside: a server that frames requests wrongly is told from a right one, by a small request and both readings.
func TestBeside(t *testing.T) {
	for _, c := range []struct {
		fault, requirement string
		bytes              int // the longest request that is told
		problem            string
	}{
		{"length-over-chunked", "HLEN-11", 163, "A answers it, and ends the connection (200), and took "},
		{"te-underscore", "SMUG-2", 203, ""},
		{"cr-starts-field", "HFLD-8", 203, ""},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := compared(t, named(t, c.fault), named(t, "lenient"))
				if got.Trouble != "" || got.Unsure > 0 || got.Conclusion() != report.NotConformant {
					t.Fatalf("%+v", got)
				}
				for _, d := range got.Differences {
					if d.Requirement == c.requirement && strings.Contains(d.Evidence.Problem, c.problem) {
						if n := d.Evidence.Request.Total; n > int64(c.bytes) {
							t.Errorf("it is told by %d bytes: %s", n, d.Evidence.Request.Text)
						}
						return
					}
				}
				for _, d := range got.Differences {
					t.Errorf("%s %s: %s", d.Requirement, d.Text, d.Evidence.Problem)
				}
			})
		})
	}
}

// TestBesideRight: right servers that take and refuse different things frame nothing otherwise.
func TestBesideRight(t *testing.T) {
	for _, c := range [][2]string{{"", "lenient"}, {"strict", "lenient"}, {"", "strict"}, {"answers-early", "lenient"}} {
		t.Run(c[0]+" beside "+c[1], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := right()
				if c[0] != "" {
					a = named(t, c[0])
				}
				got := compared(t, a, named(t, c[1]))
				if got.Conclusion() != report.Conformant || got.Draws != besideDraws {
					t.Errorf("%+v", got)
				}
				for _, d := range got.Differences {
					t.Errorf("%s %s: %s\n%q", d.Requirement, d.Text, d.Evidence.Problem, d.Evidence.Request.Text)
				}
			})
		})
	}
}
