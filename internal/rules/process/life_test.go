package process

import "testing"

// TestEvenly: descriptors are left behind where each round leaves some; what is kept for later fills up.
func TestEvenly(t *testing.T) {
	for _, c := range []struct {
		all  []int
		want bool
	}{
		{[]int{10, 50, 90, 130, 170}, true},
		{[]int{10, 14, 17, 22, 25}, true},
		{[]int{32, 70, 72, 74, 76}, false},
		{[]int{32, 33, 34, 80, 81}, false},
	} {
		if got := evenly(c.all); got != c.want {
			t.Errorf("%v: %v", c.all, got)
		}
	}
}
