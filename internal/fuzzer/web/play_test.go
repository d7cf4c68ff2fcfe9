package web_test

import (
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/fuzzer/web"
)

// TestRight: of right servers nothing is wrong.
func TestRight(t *testing.T) {
	for _, name := range []string{"", "strict", "lenient", "closes-after-each", "http1.0-only", "answers-early", "chunked-answers", "small-limits", "compresses"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, draws := right(), draws
				if name != "" {
					s, draws = named(t, name), draws/4
				}
				p := meet(t, s, posts)
				for n := range uint64(draws) {
					if wrong, f := p.Play(t.Context(), web.Drawn(p.Service, 1, n), p.Wait()); wrong != nil || f != nil {
						t.Errorf("%d: %+v %+v", n, wrong, f)
					}
				}
			})
		})
	}
}
