package judge

import "testing"

// TestCutMap: which part of a session its cuts tell from the other, where each has places enough. W is a cut that changes the answer.
func TestCutMap(t *testing.T) {
	for cuts, want := range map[string]struct{ header, body int }{
		"WWW...": {4, 0}, "WW...": {3, 0}, "WWW..": {0, 0}, "W.....": {0, 0}, "WWW..W": {0, 0}, "WWWWWW": {0, 0},
		"...WWW": {0, 4}, "...WW": {0, 0}, "..WWWW": {0, 0}, "...WW.": {0, 4}, "...W.W": {0, 0}, "......": {0, 0}, "": {0, 0},
	} {
		var m cutMap
		for _, c := range cuts {
			m.wrong = append(m.wrong, c == 'W')
		}
		if got := m.header(); got != want.header {
			t.Errorf("%s: a header of %d bytes, want %d", cuts, got, want.header)
		}
		if got := m.body(); got != want.body {
			t.Errorf("%s: a body behind %d bytes, want %d", cuts, got, want.body)
		}
	}
}
