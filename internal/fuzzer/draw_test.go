package fuzzer_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/delivery"
	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/suite/dialect"
)

var all = fuzz.Limits{Clients: 4, Long: true, Pauses: true, Resets: true}

// byRapid makes the choices by the draws of a property, so that they shrink.
type byRapid struct{ t *rapid.T }

func (r byRapid) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(r.t, "choice") }

// TestDrawIsValid holds that what is due to every plan that is drawn, or made of others, is known, and that it reads back.
func TestDrawIsValid(t *testing.T) {
	for _, d := range dialect.All() {
		t.Run(d.Name(), rapid.MakeCheck(func(t *rapid.T) {
			p, q := fuzz.Draw(d, byRapid{t}, all), fuzz.Draw(d, byRapid{t}, all)
			for _, p := range []plan.Plan{p, q, fuzz.Mutate(d, p, q, byRapid{t}, all)} {
				if _, err := due.To(d, p); err != nil {
					t.Fatalf("%v of\n%s", err, p)
				}
				if back, err := plan.Parse([]byte(p.String())); err != nil || !back.Equal(p) {
					t.Fatalf("%v: read back as\n%s\nof\n%s", err, back, p)
				}
			}
		}))
	}
}

// TestDrawIsTheSame holds that a seed draws the same plans on every machine: a change here changes what every seed means, and is
// said in the notes of a release.
func TestDrawIsTheSame(t *testing.T) {
	want := map[string]string{
		"echo": "a5d70307b915ce51", "greet": "ff58062293533df1", "line": "7d919f435bebe881", "script": "6e0b554194ff6e79",
	}
	for _, d := range dialect.All() {
		h := sha256.New()
		for n := range uint64(2000) {
			fmt.Fprint(h, fuzz.Draw(d, fuzz.Seeded(7, n), all))
		}
		if got := fmt.Sprintf("%x", h.Sum(nil))[:16]; got != want[d.Name()] {
			t.Errorf("%s: seed 7 draws %s, want %s", d.Name(), got, want[d.Name()])
		}
	}
}

// TestDrawReachesTheEdges holds that what servers are wrong about is drawn within some thousands of plans.
func TestDrawReachesTheEdges(t *testing.T) {
	seen := map[string]int{}
	const plans = 20000
	for n := range uint64(plans) {
		p := fuzz.Draw(dialect.Line{}, fuzz.Seeded(1, n), all)
		for name, is := range edges {
			if slices.ContainsFunc(p.Clients, is) {
				seen[name]++
			}
		}
		if len(p.Clients) > 1 {
			seen["several clients"]++
		}
	}
	for _, name := range append([]string{"several clients"}, keys(edges)...) {
		if seen[name] < plans/10000 {
			t.Errorf("%s: drawn %d times of %d", name, seen[name], plans)
		}
	}
}

func keys[V any](m map[string]V) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// cutAt says whether the client cuts at one of the places that its bytes have.
func cutAt(places func(b []byte) []int) func(plan.Client) bool {
	return func(c plan.Client) bool {
		at := places(c.Bytes())
		return slices.ContainsFunc(c.Cuts, func(cut delivery.Cut) bool { return slices.Contains(at, cut.At) })
	}
}

// borders are the places beside and at the ends of requests.
func borders(by int) func(plan.Client) bool {
	return func(c plan.Client) bool {
		at, n := []int(nil), 0
		for _, r := range c.Requests {
			n += r.Len()
			at = append(at, n+by)
		}
		return slices.ContainsFunc(c.Cuts, func(cut delivery.Cut) bool { return slices.Contains(at, cut.At) })
	}
}

// awaits says whether the client waits between its requests, or inside of one.
func awaits(between bool) func(plan.Client) bool {
	return func(c plan.Client) bool {
		ends, n := []int(nil), 0
		for _, r := range c.Requests {
			n += r.Len()
			ends = append(ends, n)
		}
		return slices.ContainsFunc(c.Awaits, func(at int) bool { return slices.Contains(ends, at) == between })
	}
}

func size(n int) func(plan.Client) bool {
	return func(c plan.Client) bool {
		return slices.ContainsFunc(c.Requests, func(r plan.Request) bool {
			return slices.ContainsFunc(r.Pieces, func(p plan.Piece) bool { return p.Size == n })
		})
	}
}

var edges = map[string]func(plan.Client) bool{
	"a cut inside CR LF":       cutAt(dialect.CRLFSplits),
	"a cut inside a character": cutAt(dialect.CharacterSplits),
	"a cut between requests":   borders(0),
	"a cut before a border":    borders(-1),
	"a cut behind a border":    borders(1),
	"no cut":                   func(c plan.Client) bool { return len(c.Cuts) == 0 },
	"byte by byte":             func(c plan.Client) bool { return len(c.Cuts) > 3 && len(c.Cuts) == c.Len()-1 },
	"many small pieces":        func(c plan.Client) bool { return len(c.Cuts) > 20 },
	"several requests at once": func(c plan.Client) bool { return len(c.Requests) > 2 && len(c.Cuts) < 2 },
	"the limit":                size(dialect.LineLimit),
	"one below the limit":      size(dialect.LineLimit - 1),
	"one above the limit":      size(dialect.LineLimit + 1),
	"4 KiB":                    size(4096),
	"an empty line": func(c plan.Client) bool {
		return slices.ContainsFunc(c.Requests, func(r plan.Request) bool { return string(r.Bytes()) == "\r\n" })
	},
	"no UTF-8":                    func(c plan.Client) bool { return dialect.Line{}.Predict(c.Bytes()).End == dialect.ByFailure },
	"a last line without its end": func(c plan.Client) bool { b := c.Bytes(); return len(b) > 0 && b[len(b)-1] != '\n' },
	"a pause": func(c plan.Client) bool {
		return slices.ContainsFunc(c.Cuts, func(cut delivery.Cut) bool { return cut.Pause > 0 })
	},
	"a reset":                             func(c plan.Client) bool { return c.End == delivery.Reset },
	"FIN with data":                       func(c plan.Client) bool { return c.End == delivery.HalfCloseWithData },
	"an open end":                         func(c plan.Client) bool { return c.End == delivery.Open },
	"an await behind a request":           awaits(true),
	"an await in the middle of a request": awaits(false),
	"1 MiB":                               func(c plan.Client) bool { return c.Len() > 1<<20-5 },
}
