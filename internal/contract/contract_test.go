package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/streamspec/streamspec/suite/report"
)

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

// TestContractIsACopy: who changes what Families and All return does not change the contract.
func TestContractIsACopy(t *testing.T) {
	all := Families()
	all[0].ID = "CHANGED"
	All()[0].ID = "CHANGED"
	if got := Families()[0].ID; got != "LIFE" {
		t.Errorf("the first family is now %s", got)
	}
	if got := All()[0].ID; got != "LIFE-1" {
		t.Errorf("the first requirement is now %s", got)
	}
}
