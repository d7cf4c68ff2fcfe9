package suite

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// contract is section 4 of the contract, written down by hand: the id, the
// level, the letters of the dialects and what the target must bring. Where the
// contract names no dialects (LIFE-8, LIFE-9, ROBU) all of them can show it.
const contract = `
LIFE-1 MUST eglsx
LIFE-2 MUST eglsx
LIFE-3 MUST egls
LIFE-4 MUST ls
LIFE-5 MUST eglsx
LIFE-6 MUST eglsx exec
LIFE-7 SHOULD els exec
LIFE-8 MUST eglsx exec
LIFE-9 SHOULD eglsx exec
LIFE-10 MUST eglsx pid
LIFE-11 MUST eglsx pid
LIFE-12 SHOULD eglsx
CONC-1 MUST eglsx
CONC-2 SHOULD eglsx
CONC-3 SHOULD eglsx
FRAM-1 MUST eglsx
FRAM-2 MUST eglsx
FRAM-3 MUST eglsx
FRAM-4 MUST eglsx
FRAM-5 MUST eglsx
FRAM-6 MUST lsx
FRAM-7 MUST eglsx
FRAM-8 MUST egls
READ-1 MUST s
READ-2 MUST s
READ-3 MUST s in-process
READ-4 MUST s
READ-5 MUST s
READ-6 MUST s
LINE-1 MUST ls
LINE-2 MUST ls
LINE-3 MUST ls
LINE-4 MUST ls
LINE-5 MUST ls
LINE-6 MUST s
LINE-7 MUST ls
LINE-8 MAY ls
LINE-9 MUST ls
LINE-10 MUST ls
CODE-1 MUST ls
CODE-2 MUST s
CODE-3 MUST ls
CODE-4 MUST ls
CODE-5 MUST ls
CODE-6 MUST s
SEND-1 MUST s
SEND-2 MUST s
SEND-3 MUST s
SEND-4 MUST s
SEND-5 MUST s
SEND-6 MUST s
SEND-7 MAY s
SEND-8 MUST s
CLOS-1 MUST eglsx
CLOS-2 SHOULD s
CLOS-3 MUST egls
CLOS-4 MUST egls
FLOW-1 MUST egls
FLOW-2 SHOULD egls
FLOW-3 MUST eg
ROBU-1 MUST eglsx
ROBU-2 MUST eglsx
ROBU-3 MUST eglsx
ROBU-4 MUST eglsx
ROBU-5 MUST eglsx
ROBU-6 MUST eglsx
`

func TestCatalogueIsTheContract(t *testing.T) {
	var got []string
	for _, r := range Catalogue() {
		line := fmt.Sprintf("%s %s %s", r.ID, r.Level, sorted(r.Dialects))
		if tags := r.Needs().Tags(); len(tags) > 0 {
			line += " " + strings.Join(tags, " ")
		}
		got = append(got, line)
	}
	want := strings.Split(strings.TrimSpace(contract), "\n")
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("the contract has %q, the catalogue has not", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("the catalogue has %q, the contract has not", line)
		}
	}
	if !t.Failed() && !slices.Equal(got, want) {
		t.Errorf("the catalogue is in another order than the contract: %q", got)
	}
}

func sorted(letters string) string {
	b := []byte(letters)
	slices.Sort(b)
	return string(b)
}

func TestCatalogueNumbers(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Families() {
		for i, r := range f.Requirements {
			if want := fmt.Sprintf("%s-%d", f.ID, i+1); r.ID != want {
				t.Errorf("%s stands where %s belongs", r.ID, want)
			}
			if r.Family() != f.ID {
				t.Errorf("%s says that its family is %s, and stands in %s", r.ID, r.Family(), f.ID)
			}
			if seen[r.ID] {
				t.Errorf("%s is there twice", r.ID)
			}
			seen[r.ID] = true
			if found, ok := Lookup(strings.ToLower(r.ID)); !ok || found.ID != r.ID {
				t.Errorf("Lookup(%q) = %s, %t", strings.ToLower(r.ID), found.ID, ok)
			}
		}
	}
	if _, ok := Lookup("FRAM-99"); ok {
		t.Error("Lookup found FRAM-99")
	}
}

func TestCatalogueTexts(t *testing.T) {
	titles, sentences := map[string]string{}, map[string]string{}
	for _, f := range Families() {
		if f.Name == "" || f.Summary == "" {
			t.Errorf("%s has no name or no summary", f.ID)
		}
		for _, r := range f.Requirements {
			oneLine(t, r.ID+" title", r.Title)
			oneLine(t, r.ID+" citation", r.Citation)
			sentence(t, r.ID+" sentence", r.Sentence)
			sentence(t, r.ID+" rationale", r.Rationale)
			if other := titles[r.Title]; other != "" {
				t.Errorf("%s and %s have the same title %q", other, r.ID, r.Title)
			}
			if other := sentences[r.Sentence]; other != "" {
				t.Errorf("%s and %s have the same sentence", other, r.ID)
			}
			titles[r.Title], sentences[r.Sentence] = r.ID, r.ID
			levels(t, r)
			if r.Level != report.May && len(r.Causes) == 0 {
				t.Errorf("%s names nothing that usually breaks it", r.ID)
			}
			for _, c := range r.Causes {
				oneLine(t, r.ID+" cause", c)
			}
		}
	}
}

// levels looks for the RFC 2119 word of the level in the requirement's sentence.
func levels(t *testing.T, r Requirement) {
	words := strings.FieldsFunc(r.Sentence, func(c rune) bool { return !unicode.IsLetter(c) })
	if slices.Contains(words, string(r.Level)) {
		return
	}
	t.Errorf("%s is a %s, and its sentence has no such word: %q", r.ID, r.Level, r.Sentence)
}

func oneLine(t *testing.T, what, text string) {
	t.Helper()
	switch {
	case strings.TrimSpace(text) == "":
		t.Errorf("%s is empty", what)
	case text != strings.TrimSpace(text) || strings.ContainsAny(text, "\n\t\r"):
		t.Errorf("%s is not one tidy line: %q", what, text)
	case !utf8.ValidString(text):
		t.Errorf("%s is no text: %q", what, text)
	case strings.HasSuffix(text, "."):
		t.Errorf("%s ends with a full stop: %q", what, text)
	}
}

func sentence(t *testing.T, what, text string) {
	t.Helper()
	if !strings.HasSuffix(text, ".") {
		t.Errorf("%s does not end with a full stop: %q", what, text)
	}
	if first, _ := utf8.DecodeRuneInString(text); !unicode.IsUpper(first) && !unicode.IsDigit(first) && !startsWithOperation(text) {
		t.Errorf("%s does not begin with a capital letter: %q", what, text)
	}
	oneLine(t, what, strings.TrimSuffix(text, "."))
}

// startsWithOperation tells of a sentence that begins with the name of one of the contract's operations.
func startsWithOperation(text string) bool {
	return slices.ContainsFunc([]string{"read(", "read ", "readline", "send ", "printf "}, func(op string) bool { return strings.HasPrefix(text, op) })
}

func TestCatalogueCases(t *testing.T) {
	seen := map[string]bool{}
	families := map[string]bool{}
	for _, f := range Families() {
		families[strings.ToLower(f.ID)] = true
	}
	for _, r := range Catalogue() {
		spoken := []dialect.Dialect{exchange.New(nil, "exchange")}
		for _, d := range dialect.All() {
			spoken = append(spoken, d)
		}
		for _, d := range spoken {
			cases := r.casesFor(d)
			if r.In(d) != (len(cases) > 0) {
				t.Errorf("%s in %s: shown there is %t, and it has %d cases", r.ID, d.Name(), r.In(d), len(cases))
			}
		}
		for _, c := range r.Cases {
			if seen[c.ID] {
				t.Errorf("the case %s is there twice", c.ID)
			}
			seen[c.ID] = true
			if name, ok := strings.CutPrefix(c.ID, r.ID+"/"); !ok || name == "" || strings.ContainsAny(name, " /") {
				t.Errorf("%s is no id for a case of %s", c.ID, r.ID)
			}
			if c.Requirement != r.ID {
				t.Errorf("%s says that it shows %s", c.ID, c.Requirement)
			}
			if c.Timeout <= 0 {
				t.Errorf("%s has no bound", c.ID)
			}
			for _, letter := range c.Dialects {
				if !strings.ContainsRune(r.Dialects, letter) {
					t.Errorf("%s has the dialect %c, which %s has not", c.ID, letter, r.ID)
				}
			}
			file, line := c.Location()
			base := filepath.Base(file)
			family, _, _ := strings.Cut(strings.TrimSuffix(base, ".go"), "_") // life_process.go is LIFE's too
			if !families[family] || line <= 0 {
				t.Errorf("%s is found at %s:%d, which is no family's file", c.ID, file, line)
			} else if family != strings.ToLower(r.Family()) && !sharedChecks[c.ID] {
				t.Errorf("%s is found in %s, not in a file of its family", c.ID, base)
			}
		}
	}
}

// sharedChecks are the cases whose check is another family's: lines of text are LINE's.
var sharedChecks = map[string]bool{"CODE-1/texts": true, "CODE-5/forms": true}

// TestCatalogueIsACopy: who changes what Families and Catalogue return does not change the catalogue.
func TestCatalogueIsACopy(t *testing.T) {
	all := Families()
	all[0].ID = "CHANGED"
	Catalogue()[0].ID = "CHANGED"
	if got := Families()[0].ID; got != "LIFE" {
		t.Errorf("the first family is now %s", got)
	}
	if got := Catalogue()[0].ID; got != "LIFE-1" {
		t.Errorf("the first requirement is now %s", got)
	}
}

func TestNeeds(t *testing.T) {
	both := Exec | Alone
	if !both.Has(Exec) || !both.Has(Alone) || both.Has(PID) || both.Has(Exec|PID) || !Needs(0).Has(0) {
		t.Error("Has does not tell what is among the needs")
	}
	if got := (Exec | PID | InProcess | Alone | Big | Together).Tags(); !slices.Equal(got, []string{"exec", "pid", "in-process"}) {
		t.Errorf("the tags are %q", got)
	}
	r := Requirement{Cases: []Case{{Needs: PID | Big}, {Needs: Alone | Big}}}
	if got := r.Needs(); got != Big {
		t.Errorf("cases that need different things: %b, not what all need", got)
	}
}
