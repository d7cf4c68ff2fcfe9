package fuzzer_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/delivery"
	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
)

// wrong are ways for a plan to fail that need no server, with the size of the smallest plan that does.
var wrong = map[string]struct {
	fails       func(plan.Plan) bool
	bytes, cuts int
	clients     int
}{
	"a cut inside CR LF":       {any1(cutAt(dialect.CRLFSplits)), 2, 1, 1},
	"a cut inside a character": {any1(cutAt(dialect.CharacterSplits)), 4, 1, 1},
	"two requests":             {any1(func(c plan.Client) bool { return len(c.Requests) > 1 && len(c.Requests[1].Pieces) > 0 }), 4, 0, 1},
	"two cuts":                 {any1(func(c plan.Client) bool { return len(c.Cuts) > 1 }), 5, 2, 1},
	"NEL":                      {any1(func(c plan.Client) bool { return bytes.Contains(c.Bytes(), []byte("\u0085")) }), 2, 0, 1},
	"more than 4000 bytes":     {any1(func(c plan.Client) bool { return c.Len() > 4000 }), 4001, 0, 1},
	"two clients":              {func(p plan.Plan) bool { return len(p.Clients) > 1 }, 8, 0, 2},
	"a reset":                  {any1(func(c plan.Client) bool { return c.End == delivery.Reset }), 4, 0, 1},
	"anything":                 {func(plan.Plan) bool { return true }, 4, 0, 1},
}

func any1(is func(plan.Client) bool) func(plan.Plan) bool {
	return func(p plan.Plan) bool { return slices.ContainsFunc(p.Clients, is) }
}

// TestShrink holds that what is left is as small as it can be, in tens of deliveries.
func TestShrink(t *testing.T) {
	for name, w := range wrong {
		t.Run(name, func(t *testing.T) {
			var spent []int
			for n := uint64(0); len(spent) < 40; n++ {
				p := fuzz.Draw(dialect.Line{}, fuzz.Seeded(3, n), all)
				if n == 30000 {
					t.Fatalf("only %d plans of %d fail", len(spent), n)
				}
				if !w.fails(p) {
					continue
				}
				small, deliveries := fuzz.Shrink(p, w.fails, 400)
				spent = append(spent, deliveries)
				if !w.fails(small) {
					t.Fatalf("it does not fail any more:\n%s\nof\n%s", small, p)
				}
				if small.Len() > w.bytes || small.Cuts() > w.cuts || len(small.Clients) > w.clients {
					t.Errorf("after %d deliveries:\n%s\nof\n%s", deliveries, small, p)
				}
			}
			slices.Sort(spent)
			if median := spent[len(spent)/2]; median > 100 {
				t.Errorf("%d deliveries in the median", median)
			}
		})
	}
}

// TestShrinkHolds holds of any plan and any way to fail that the result fails, is valid, is no larger, and that no more was
// played than was allowed.
func TestShrinkHolds(t *testing.T) {
	names := keys(wrong)
	for _, d := range dialect.All() {
		t.Run(d.Name(), rapid.MakeCheck(func(t *rapid.T) {
			p := fuzz.Draw(d, byRapid{t}, all)
			fails := wrong[rapid.SampledFrom(names).Draw(t, "wrong")].fails
			if !fails(p) {
				return
			}
			budget, played := rapid.IntRange(0, 60).Draw(t, "budget"), 0
			small, deliveries := fuzz.Shrink(p, func(p plan.Plan) bool {
				played++
				if err := p.Validate(); err != nil {
					t.Fatalf("%v is played:\n%s", err, p)
				}
				return fails(p)
			}, budget)
			switch {
			case !fails(small) || small.Validate() != nil:
				t.Fatalf("it does not fail:\n%s", small)
			case played > budget || played != deliveries:
				t.Fatalf("%d deliveries of %d, said to be %d", played, budget, deliveries)
			case small.Len() > p.Len() || small.Cuts() > p.Cuts() || len(small.Clients) > len(p.Clients):
				t.Fatalf("it has grown to\n%s\nof\n%s", small, p)
			}
		}))
	}
}

// TestShrinkCounts holds that a command's number goes along with what follows it.
func TestShrinkCounts(t *testing.T) {
	p := plan.Plan{Dialect: "script", Clients: []plan.Client{{
		Requests: []plan.Request{plan.Of("WRITE before\n"), plan.Of("READ 21\ncafé and more of that"), plan.Of("SEND\n"), plan.Of("\n")},
		Cuts:     []delivery.Cut{{At: 5}, {At: 30}, {At: 38}}, End: delivery.HalfCloseWithData,
	}}}
	whole := func(p plan.Plan) bool { // a READ that is whole and carries something, and a SEND
		var s dialect.Script
		q := s.Predict(p.Clients[0].Bytes())
		return bytes.Contains(p.Clients[0].Bytes(), []byte("READ ")) && q.End != dialect.ByFailure && len(q.Answers[0]) > 2
	}
	p.Clients[0].Requests[1] = plan.Of("READ 22\ncafé and more of that")
	if !whole(p) {
		t.Fatal("the plan is not what it should be")
	}
	small, n := fuzz.Shrink(p, whole, 100)
	if !whole(small) || small.Len() > len("READ 1\naSEND\n") {
		t.Errorf("after %d deliveries:\n%s", n, small)
	}
}
