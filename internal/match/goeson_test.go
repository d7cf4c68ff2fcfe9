package match

import (
	"testing"
)

// TestGoesOn holds of which patterns a right answer may begin a longer one.
func TestGoesOn(t *testing.T) {
	text := func(s string) *Pattern { return Text([]byte(s)) }
	expr := func(s string) *Pattern {
		p, err := Regexp(s, "pattern")
		if err != nil {
			t.Fatal(s, err)
		}
		return p
	}
	aside, err := Unasked("P\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p      *Pattern
		before string // "-" where it does not go on
	}{
		"a text":                         {text("a"), "-"},
		"nothing":                        {Join(), "-"},
		"any bytes and LF":               {expr(`(?s)H.*\n`), "H\n"},
		"as few bytes as may be":         {expr(`(?s)H.*?O\n`), "HO\n"},
		"lines":                          {expr(`.*\n+`), "\n"},
		"one line":                       {expr(`.*\n`), "-"},
		"one of two orders":              {expr(`A\nB\n|B\nA\n`), "-"},
		"lines of a greeting":            {expr(`(?:220-[^\r\n]*\r\n)*220 [^\r\n]*\r\n`), "-"},
		"lines of a reply":               {expr(`(?:[0-9]{3}-[^\r\n]*\r\n| [^\r\n]*\r\n)*[0-9]{3} [^\r\n]*\r\n`), "-"},
		"a number":                       {expr(`[0-9]+`), "0"},
		"a number and its end":           {expr(`[0-9]+;`), "-"},
		"a number before a text":         {Join(expr(`[0-9]+`), text(";")), "-"},
		"a number behind a text":         {Join(text(";"), expr(`[0-9]{1,3}`)), "0"},
		"perhaps something":              {Join(text("A\n"), expr(`(?:B\n)?`)), ""},
		"perhaps nothing, then a text":   {Join(expr(`a*`), text("b")), "-"},
		"an open part before the empty":  {Join(expr(`a+`), expr(`(?:b)?`)), ""},
		"beside keep-alives":             {Join(aside, expr(`[0-9]+\n`), aside), "-"},
		"open beside keep-alives":        {Join(aside, expr(`[0-9]+`), aside), "0"},
		"until":                          {Join(expr("a+"), Until([]byte("x"))), "-"},
		"one of two, one open":           {Either(text("a"), expr("b+")), "b"},
		"one of two":                     {Either(text("a"), expr("b")), "-"},
		"in any order, one open":         {Unordered(expr("[0-9]{2,}"), text("a")), "00"},
		"nothing that takes a byte":      {expr(`a(?:b|[\x{100}-\x{200}])`), "-"},
		"an end that takes no byte":      {expr(`a[\x{100}-\x{200}]*`), "-"},
		"more places than are looked at": {expr(`x(?:a?b?c?d?e?){999}y`), "-"},
		"many places":                    {expr(`(?:[^\r\n]{1,400}\r\n){2}`), "-"},
	} {
		before, ok := c.p.GoesOn()
		got := "-"
		if ok {
			got = string(before)
		}
		if got != c.before {
			t.Errorf("%s: %q, want %q", name, got, c.before)
		}
		if ok && len(c.p.parts) == 1 && c.p.parts[0].prog != nil && !c.p.Matches(before) {
			t.Errorf("%s does not match %q", name, before)
		}
	}
}
