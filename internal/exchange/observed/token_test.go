package observed

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDates holds that dates are found beside times of the day alone as they are by a search at every byte, however they meet.
func TestDates(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"Wed, 25 Nov 2026 06:53:25 GMT", "Wed,  5 Nov 2026 06:53:25 +0000", "Wed Nov 25 06:53:25 CEST 2026", "Wed Nov 25 06:53:25 2026",
		"2026-11-25T06:53:25.123Z", "2026-11-25 06:53:25,9999999999999999999999999+01:00", "25-Nov-2026 06:53:25 +0000", "25/Nov/2026:06:53:25",
		"Wed, 25 Nov 2026 ", "2026-11-25T", "25-Nov-2026 ", "Wed Nov 25 ", "06:53:25", ":", "53:", "25", ".", " ", "+0000", "\xff", "é", "x",
	})
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), ""))
		var want [][2]int
		for _, m := range dates {
			for _, at := range m.find(b) {
				want = append(want, [2]int{at[0], at[1]})
			}
		}
		var got [][2]int
		for _, s := range datesIn(b) {
			got = append(got, [2]int{s.from, s.to})
		}
		sorted := func(all [][2]int) [][2]int {
			slices.SortFunc(all, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
			return all
		}
		if !slices.Equal(sorted(got), sorted(want)) {
			t.Fatalf("%q: %v, want %v", b, got, want)
		}
	})
}

// BenchmarkLearn learns an answer of words and numbers of several sizes: a byte costs as much in a long
// one as in a short one.
func BenchmarkLearn(b *testing.B) {
	for _, size := range []int{3_000, 300_000, 3_000_000} {
		text := strings.Repeat("The quick brown fox 17 jumps over the lazy dog.\n", size/48)
		b.Run(fmt.Sprintf("%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				samples := []Sample{{Conn: "cab0000001", Answer: []byte(text)}, {Conn: "cab0000002", Answer: []byte(text)}}
				if _, err := Learn(samples, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
