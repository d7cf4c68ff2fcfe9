package targets

import (
	"bytes"
	"errors"
	"testing"

	"github.com/streamspec/streamspec/internal/plan"
)

// FuzzPlan reads plans: an error has the line, and a plan that was read prints as
// a text that is read as the same plan.
func FuzzPlan(f *testing.F) {
	for _, text := range []string{
		"", "streamspec plan 1\n", "streamspec plan 2\n",
		"streamspec plan 1\ndialect line\nclient\n  request \"a\"\n  end open\n",
		"streamspec plan 1\ndialect x\nclient\nrequest text(9,1)\nawait\ncut 4 pause 1ms\nend reset\n",
		"streamspec plan 1\ndialect x\nclient\nend reset\nclient then\nend open\n",
		"streamspec plan 1\ndialect x\nclient\nexchange \"e\"\nend half-close\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > mostText {
			return
		}
		p, err := plan.Parse(text)
		if err != nil {
			var at *plan.ParseError
			if !errors.As(err, &at) || at.Line < 1 || at.Line > 1+bytes.Count(text, []byte("\n")) || at.Text == "" {
				t.Fatalf("%q is refused with %#v", text, err)
			}
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("%q is read, and the plan is not right: %v", text, err)
		}
		if got := drawn(p); !bytes.ContainsAny(text, "\"#") && got != bytes.Count(text, []byte("bytes(")) {
			t.Fatalf("%q is read with %d pieces of all byte values", text, got)
		}
		if !p.Clone().Equal(p) {
			t.Fatalf("the copy of %q is another", text)
		}
		if p.Len() > 1<<14 { // a plan is printed with the bytes beside its cuts, which are drawn first
			return
		}
		printed := p.String()
		again, err := plan.Parse([]byte(printed))
		if err != nil {
			t.Fatalf("%q is printed as %q, and that is refused: %v", text, printed, err)
		}
		if !again.Equal(p) || again.String() != printed {
			t.Fatalf("%q is printed as %q, and that is read as another plan: %q", text, printed, again)
		}
	})
}

// drawn is how many pieces of a plan are drawn from all byte values.
func drawn(p plan.Plan) (n int) {
	for _, c := range p.Clients {
		for _, r := range c.Requests {
			for _, piece := range r.Pieces {
				if piece.Binary {
					n++
				}
			}
		}
	}
	return n
}
