package http1

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// answered reads one answer with a content.
func answered(t interface{ Fatalf(string, ...any) }, status int, content string) *Answer {
	r := read(fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", status, len(content), content), false)
	if r.Final() != 1 {
		t.Fatalf("%s", shape(r))
	}
	return &r.Answers()[0]
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seen      []string
		is, isNot []string
	}{
		{[]string{"a", "a", "a"}, []string{"a"}, []string{"b", "", "aa"}},
		{[]string{"id 17, b", "id 18, b"}, []string{"id 29, b", "id ab, b"}, []string{"id 17, c", "id 117, b", "ix 17, b"}},
		{[]string{"9", "10"}, []string{"anything", ""}, nil},
	} {
		var all []*Answer
		for _, s := range c.seen {
			all = append(all, answered(t, 200, s))
		}
		k, ok := Learn(all)
		if !ok {
			t.Fatalf("%q is not learned", c.seen)
		}
		for i, s := range slices.Concat(c.is, c.isNot) {
			if got := k.Is(answered(t, 200, s)); got != (i < len(c.is)) {
				t.Errorf("%q, and then %q: %t", c.seen, s, got)
			}
		}
		if k.Is(answered(t, 201, c.seen[0])) || k.Is(nil) {
			t.Errorf("%q: another status is the same", c.seen)
		}
	}
	if _, ok := Learn([]*Answer{answered(t, 200, "a"), answered(t, 404, "a")}); ok {
		t.Error("two statuses are learned as one")
	}
	if _, ok := Learn(nil); ok {
		t.Error("nothing is learned of nothing")
	}
}

// TestKnownOfItself: what was learned of answers is each of them, and what tells two apart is neither's.
func TestKnownOfItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (k Known, all []*Answer) {
			status := rapid.SampledFrom([]int{200, 404}).Draw(t, name+" status")
			for _, s := range rapid.SliceOfN(rapid.StringMatching(`[ab1 ]{0,6}`), 1, 3).Draw(t, name) {
				all = append(all, answered(t, status, s))
			}
			k, ok := Learn(all)
			if !ok {
				t.Fatal("answers of one status and framing are not learned")
			}
			return k, all
		}
		k, mine := draw("one")
		other, theirs := draw("other")
		for _, a := range mine {
			if !k.Is(a) {
				t.Fatalf("%q is not what was learned of it: %+v", a.Content, k)
			}
		}
		if k.Tells(other) != other.Tells(k) {
			t.Fatal("one is told from the other, and not the other from the one")
		}
		if k.Tells(other) {
			for _, a := range theirs {
				if k.Is(a) {
					t.Fatalf("%+v is told from %+v, and is %q", k, other, a.Content)
				}
			}
		}
	})
}
