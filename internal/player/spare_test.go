package player

import "testing"

// TestSpare bounds the sessions that all cases together have beside their first, and lets others have what was given back.
func TestSpare(t *testing.T) {
	const all = 40
	s := &Server{spare: make(chan struct{}, all)}
	most, done := s.Spare(all - 1)
	one, last := s.Spare(5)
	none, _ := s.Spare(5)
	if most != all-1 || one != 1 || none != 0 {
		t.Errorf("of %d sessions the first has %d, the next %d, and a third %d", all, most, one, none)
	}
	done()
	last()
	if again, _ := s.Spare(all + 1); again != all {
		t.Errorf("when they were given back, there are %d", again)
	}
	if less, _ := s.Spare(-1); less != 0 {
		t.Errorf("of fewer than none there are %d", less)
	}
}
