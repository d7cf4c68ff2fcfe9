package web

import (
	"testing"

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
