package suite_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite"
)

var update = flag.Bool("update", false, "write the generated parts of contract.md and README.md anew")

// TestContract holds the requirements of contract.md and README's table of them
// against the catalogue. What a person wrote around them is left alone.
func TestContract(t *testing.T) {
	holdPart(t, "contract.md", "requirements", requirementPages())
	holdPart(t, filepath.Join(root, "README.md"), "catalogue", requirementTable())
}

// holdPart compares the part of a file between two markers with what it must be; with -update it writes it.
func holdPart(t *testing.T, file, name, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, got, after, ok := parted(string(text), name)
	switch {
	case !ok:
		t.Errorf("%s has no part between the markers of %q", filepath.Base(file), name)
	case got == want:
	case *update:
		if err := os.WriteFile(file, []byte(before+want+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s, %s: %s; run go test ./suite -run TestContract -update", filepath.Base(file), name, firstDifference(got, want))
	}
}

// parted cuts a text at the two markers of a part; the markers stay with what is around it.
func parted(text, name string) (before, part, after string, ok bool) {
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->\n"
	i := strings.Index(text, begin)
	k := strings.Index(text, end)
	if i < 0 || k < i {
		return "", "", "", false
	}
	i += len(begin)
	return text[:i], text[i:k], text[k:], true
}

// firstDifference names the first line in which two texts differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is %q, want %q", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// requirementPages are the requirements as contract.md has them, one section a family.
func requirementPages() string {
	var b strings.Builder
	for _, f := range contract.Families() {
		fmt.Fprintf(&b, "\n### %s: %s\n\n%s.\n", f.ID, f.Name, capital(f.Summary))
		for _, req := range f.Requirements {
			r, _ := suite.Lookup(req.ID)
			fmt.Fprintf(&b, "\n#### %s (%s): %s\n\n%s\n\n", r.ID, r.Level, r.Title, r.Sentence)
			fmt.Fprintf(&b, "- Why: %s\n- Source: %s\n- Dialects: %s\n", r.Rationale, r.Citation, strings.Join(r.Dialects, ", "))
			if needs := needsOf(r); needs != "" {
				fmt.Fprintf(&b, "- Needs: %s\n", needs)
			}
		}
	}
	return b.String() + "\n"
}

// requirementTable is README's list of the requirements, one line each.
func requirementTable() string {
	var b strings.Builder
	b.WriteString("\n| id | level | what | dialects | needs |\n|---|---|---|---|---|\n")
	for _, r := range suite.Catalogue() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.ID, r.Level, cell(r.Title), strings.Join(r.Dialects, ", "), needsOf(r))
	}
	return b.String() + "\n"
}

// needsOf says what r needs, and what only some of its cases need.
func needsOf(r suite.Requirement) string {
	needs := slices.Clone(r.Needs)
	var partly []string
	for _, c := range rules.Of(r.ID) {
		for _, tag := range c.Needs.Tags() {
			if !slices.Contains(needs, tag) && !slices.Contains(partly, tag) {
				partly = append(partly, tag)
			}
		}
	}
	for _, tag := range partly {
		needs = append(needs, "in part "+tag)
	}
	return strings.Join(needs, ", ")
}

// capital is a text with its first letter large.
func capital(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// cell is a text that does not end its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
