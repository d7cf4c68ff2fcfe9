package delivery

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDescribe(t *testing.T) {
	for _, test := range []struct {
		plan Segments
		n    int
		want string
	}{
		{Whole(), 12, "whole"},
		{Segments{}, 0, "whole"},
		{Whole().WithEnd(HalfClose), 12, "whole, then half-close"},
		{Whole().WithEnd(HalfCloseWithData), 12, "whole, half-close with the last segment"},
		{Whole().WithEnd(Reset), 12, "whole, then reset"},
		{CutAt(7), 12, "cut in two after byte 7 of 12"},
		{CutAt(1), 2, "byte by byte (2 segments)"},
		{EveryByte(12), 12, "byte by byte (12 segments)"},
		{EveryByte(2), 2, "byte by byte (2 segments)"},
		{EveryByte(1), 1, "whole"},
		{CutAt(3, 9, 14), 20, "cut after bytes 3, 9 and 14 of 20"},
		{CutAt(3, 9), 20, "cut after bytes 3 and 9 of 20"},
		{CutAt(1, 2, 3, 4, 5), 20, "cut after bytes 1, 2, 3, 4 and 5 of 20"},
		{CutAt(1, 2, 3, 4, 5, 6), 20, "in 7 segments"},
		{CutAt(7).WithPause(5 * time.Millisecond).WithEnd(HalfClose), 12, "cut in two after byte 7 of 12, 5ms after the cut, then half-close"},
		{CutAt(3, 9).WithPause(5 * time.Millisecond), 20, "cut after bytes 3 and 9 of 20, 5ms after each cut"},
		{Segments{Cuts: []Cut{{At: 3}, {At: 9, Pause: 1}}}, 20, "cut after bytes 3 and 9 of 20, with pauses"},
	} {
		if got := test.plan.Describe(test.n); got != test.want {
			t.Errorf("%+v of %d: %q, want %q", test.plan, test.n, got, test.want)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		plan Segments
		n    int
		want string // a part of the error; "" for none
	}{
		{Whole(), 0, ""},
		{Whole().WithEnd(Reset), 0, ""},
		{CutAt(1, 2), 3, ""},
		{EveryByte(5), 5, ""},
		{Whole(), -1, "-1 bytes"},
		{CutAt(0), 3, "cut 1 is after byte 0, not inside"},
		{CutAt(-2), 3, "cut 1 is after byte -2"},
		{CutAt(1, 3), 3, "cut 2 is after byte 3"},
		{CutAt(2, 1), 3, "cut 2 is after byte 1"},
		{CutAt(2, 2), 3, "not beyond"},
		{CutAt(1).WithPause(-1), 3, "cut 1 has a pause of -1ns"},
		{Whole().WithEnd(Reset + 1), 3, "end"},
		{Whole().WithEnd(-1), 3, "end"},
	} {
		err := test.plan.Validate(test.n)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v of %d: %v, want %q", test.plan, test.n, err, test.want)
		}
	}
}

func TestPlansAreValues(t *testing.T) {
	p := CutAt(1, 2)
	q := p.WithPause(time.Second).WithEnd(Reset)
	if p.Cuts[0].Pause != 0 || p.End != Open {
		t.Errorf("the plan was changed: %+v", p)
	}
	p.Cuts[0].At = 9
	if q.Cuts[0].At != 1 || q.Cuts[1].Pause != time.Second || q.End != Reset {
		t.Errorf("the copy is %+v", q)
	}
}

func TestRandomProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		cuts := rapid.IntRange(-2, 320).Draw(t, "cuts")
		seed := rapid.Uint64().Draw(t, "seed")
		p := Random(rand.New(rand.NewPCG(seed, 1)), n, cuts)
		if err := p.Validate(n); err != nil {
			t.Fatal(err)
		}
		if got, want := len(p.Cuts), max(0, min(cuts, n-1)); got != want {
			t.Fatalf("%d cuts, want %d", got, want)
		}
		request := pattern(n)
		var joined []byte
		from := 0
		for _, at := range append(offsets(p), n) {
			if at == from && n > 0 {
				t.Fatal("an empty segment")
			}
			joined = append(joined, request[from:at]...)
			from = at
		}
		if !bytes.Equal(joined, request) {
			t.Fatal("the segments are not the request")
		}
		if again := Random(rand.New(rand.NewPCG(seed, 1)), n, cuts); !slices.Equal(again.Cuts, p.Cuts) {
			t.Fatal("the same seed gave other cuts")
		}
	})
}

// TestRandomCovers draws all 15 choices of two offsets out of six about equally often.
func TestRandomCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[[2]int]int{}
	const draws = 15000
	for range draws {
		o := offsets(Random(r, 7, 2))
		seen[[2]int(o)]++
	}
	if len(seen) != 15 {
		t.Fatalf("%d of 15 choices", len(seen))
	}
	for choice, n := range seen {
		if n < draws/15*8/10 || n > draws/15*12/10 {
			t.Errorf("%v was drawn %d times of %d", choice, n, draws)
		}
	}
}

// TestRandomIsQuick draws few cuts out of a request that no one could list.
func TestRandomIsQuick(t *testing.T) {
	p := Random(rand.New(rand.NewPCG(1, 2)), 1<<40, 3)
	if err := p.Validate(1 << 40); err != nil || len(p.Cuts) != 3 {
		t.Fatal(p, err)
	}
}

// offsets returns where the plan cuts.
func offsets(p Segments) []int {
	var all []int
	for _, c := range p.Cuts {
		all = append(all, c.At)
	}
	return all
}
