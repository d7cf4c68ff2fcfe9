package show

import "testing"

// TestCounts holds how counts are written, at the borders of their forms.
func TestCounts(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 999_999: "999,999", 1_000_000: "1,000,000", -999: "-999", -1000: "-1,000", -1 << 63: "-9,223,372,036,854,775,808",
	} {
		if got := Count(n); got != want {
			t.Errorf("%d is written as %s", n, got)
		}
	}
	for n, want := range map[int]string{0: "0 cuts", 1: "1 cut", 2: "2 cuts", 1000: "1,000 cuts"} {
		if got := CountOf(n, "cut"); got != want {
			t.Errorf("%d is written as %s", n, got)
		}
	}
}
