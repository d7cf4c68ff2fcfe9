package web

import (
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
)

// TestPairs holds that a server is found that misreads what comes in three parts, and nothing in one that reads all of them.
func TestPairs(t *testing.T) {
	inThree := func(text string, reads int) string {
		if reads == 3 {
			return "GET\r\n\r\n"
		}
		return text
	}
	s := visit(t, serveEdited(t, inThree), inspected)
	one := Pairs()
	one.Shapes = one.Shapes[:1]
	f, _ := s.show(t.Context(), one)
	if !f.Is(finding.Broken) || f.Grade != finding.Fails {
		t.Errorf("found %s", wordsOf(f))
	}
	one.Shapes[0].Pairs = false
	if f, _ := s.show(t.Context(), one); f != nil {
		t.Errorf("found %s without pairs", wordsOf(f))
	}
	one.Shapes[0].Pairs = true
	if f, _ := visit(t, serveReference(t), inspected).show(t.Context(), one); f != nil {
		t.Errorf("found %s in what is right", wordsOf(f))
	}
}

// BenchmarkPairs says how long nine requests take at every offset, and how long at every pair of them.
func BenchmarkPairs(b *testing.B) {
	for _, pairs := range []bool{false, true} {
		name := "offsets"
		if pairs {
			name = "pairs"
		}
		b.Run(name, func(b *testing.B) {
			r := Pairs()
			for i := range r.Shapes {
				r.Shapes[i].Pairs = pairs
			}
			s := visit(b, serveReference(b), inspected)
			for b.Loop() {
				one := bench.New(s.server, r.Requirement, r.Requirement, 1)
				began := time.Now()
				f := r.Show(b.Context(), one, s.service)
				b.ReportMetric(time.Since(began).Seconds(), "s")
				b.ReportMetric(float64(one.Counted().LeftOut), "left-out")
				if one.Done(); f != nil {
					b.Errorf("found %s", wordsOf(f))
				}
			}
		})
	}
}
