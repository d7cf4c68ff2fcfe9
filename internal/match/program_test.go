package match

import (
	"fmt"
	"strings"
	"testing"
)

// signature is which instructions of a program take a byte.
func signature(p *program, b byte) string {
	taken := ""
	for pc := range p.insts {
		to := &threads{sparse: make([]uint32, len(p.insts))}
		p.advance(&threads{dense: []uint32{uint32(pc)}}, to, b)
		taken += fmt.Sprint(to.dense, to.matched)
	}
	return taken
}

// TestAlphabet holds that an alphabet has one byte of each kind, and of every kind.
func TestAlphabet(t *testing.T) {
	for expr, kinds := range map[string]int{
		"a": 2, "ab": 3, ".": 2, "(?s:.)": 1, "[a-c][b-d]": 4, `\d+|[0-4]x`: 4, "(?i:k)": 2, `[^\x00-\xff]a`: 2, `[\x00-\xff]`: 1, `\xff[\x80-\xff]`: 3,
	} {
		p, err := compile(expr + "|abc") // which is useful in any case
		if err != nil {
			t.Fatal(expr, err)
		}
		alone, err := compile(expr)
		if alone == nil {
			t.Fatal(expr, err)
		}
		for _, p := range []*program{p, alone} {
			seen := map[string]bool{}
			for _, b := range p.alphabet() {
				if s := signature(p, b); seen[s] {
					t.Errorf("%s: %#x is of a kind that the alphabet has", expr, b)
				} else {
					seen[s] = true
				}
			}
			for b := range 256 {
				if !seen[signature(p, byte(b))] {
					t.Errorf("%s: nothing in the alphabet is as %#x", expr, b)
				}
			}
		}
		if n := len(alone.alphabet()); n != kinds {
			t.Errorf("%s: %d kinds of bytes, want %d", expr, n, kinds)
		}
	}
}

// TestLoops holds that a loop which may do nothing leads to what stands behind it, whichever way back to its beginning is looked at
// first.
func TestLoops(t *testing.T) {
	for expr, texts := range map[string][]string{
		"(?:a|b?)*c":     {"c", "ac", "bc", "abbac"},
		"(?:b?|a)*c":     {"c", "ac", "bc", "abbac"},
		"(?:a?b?)*?c":    {"c", "ac", "bc", "abbac"},
		"(?:(?:a|)+d|c)": {"c", "d", "ad", "aad"},
	} {
		p, err := Regexp(expr, "")
		if err != nil {
			t.Fatal(expr, err)
		}
		for _, text := range texts {
			if !p.Matches([]byte(text)) {
				t.Errorf("%s does not match %q", expr, text)
			}
		}
	}
}

// TestEffort holds that a pattern which matches every answer is refused where its states are small, and taken where they are so
// large that not all of them are looked at, however few they are.
func TestEffort(t *testing.T) {
	for groups, refused := range map[int]bool{0: true, 1: true, 20: false} {
		all := make([]string, 20) // each takes any byte but one, and then any other, behind so many empty groups
		for i := range all {
			all[i] = fmt.Sprintf(`[^\x%02x](?:%s.)?`, i, strings.Repeat("()", groups))
		}
		_, err := compile("(?s:(?:" + strings.Join(all, "|") + ")*)")
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "matches every answer") {
			t.Errorf("with %d empty groups: %v", groups, err)
		}
	}
}

// BenchmarkCompile compiles large patterns: how they are looked at must not hang on how much is in them.
func BenchmarkCompile(b *testing.B) {
	for _, expr := range []string{"[a-z]{1,999}x", "(?:[a-m]{1,30}[^n-z]{0,30}){1,20}", "(?:a?b?c?d?e?f?g?h?){400}", "(?:[ab]*a[ab]{12}){60}"} {
		b.Run(expr, func(b *testing.B) {
			for b.Loop() {
				_, _ = Regexp(expr, "x") // whatever it is good for
			}
		})
	}
}
