package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamspec/streamspec/suite/report"
)

// httpLevels are the levels of the HTTP contract, a letter a requirement: M is MUST, S is SHOULD, o (optional) is MAY. What
// the contract only defines, or asks for by MUST NOT, is a MUST; what a server "ought to" do is a SHOULD; where a number
// has no level of its own, the strictest that it names counts.
var httpLevels = []struct{ family, levels string }{
	{"HREQ", "SMMMSSMoSSSSSMSoM"},
	{"HFLD", "MMMoMMMMMoSSMMMMS"},
	{"HLEN", "MMMMoMMMSMMMMMMSM"},
	{"HCHK", "MMMMSMSSMMSMMS"},
	{"HCON", "SMMMSMMMMMMMMMMSS"},
	{"HSEM", "MMMMMMMMMS"},
	{"SMUG", "MMMSMMMM"},
}

// TestHTTPNumbersAndLevels: the families stand in the order of the contract, with a requirement for each of its numbers.
func TestHTTPNumbersAndLevels(t *testing.T) {
	letters := map[report.Level]byte{report.Must: 'M', report.Should: 'S', report.May: 'o'}
	if len(HTTP()) != len(httpLevels) {
		t.Fatalf("there are %d families, want %d", len(HTTP()), len(httpLevels))
	}
	for i, want := range httpLevels {
		f := HTTP()[i]
		if f.ID != want.family {
			t.Errorf("%s stands where %s belongs", f.ID, want.family)
		}
		var levels strings.Builder
		for n, r := range f.Requirements {
			if id := fmt.Sprintf("%s-%d", f.ID, n+1); r.ID != id {
				t.Errorf("%s stands where %s belongs", r.ID, id)
			}
			levels.WriteByte(letters[r.Level])
		}
		if levels.String() != want.levels {
			t.Errorf("the levels of %s are %s, want %s", f.ID, levels.String(), want.levels)
		}
	}
}

// TestHTTPTexts: each requirement is complete, and short where it stands in lists.
func TestHTTPTexts(t *testing.T) {
	longest := longestTitle(general())
	cites := regexp.MustCompile(`^RFC 911[02], section \d.*; HTTP contract, ([A-Z]+-\d+)( |$)`)
	for _, f := range HTTP() {
		oneLine(t, f.ID+" name", f.Name)
		oneLine(t, f.ID+" summary", f.Summary)
		for _, r := range f.Requirements {
			oneLine(t, r.ID+" title", r.Title)
			oneLine(t, r.ID+" citation", r.Citation)
			sentence(t, r.ID+" sentence", r.Sentence)
			sentence(t, r.ID+" rationale", r.Rationale)
			levels(t, r)
			if n := utf8.RuneCountInString(r.Title); n > longest {
				t.Errorf("the title of %s has %d characters, the longest of the other families %d: %q", r.ID, n, longest, r.Title)
			}
			if n := sentencesIn(r.Sentence); n != 1 {
				t.Errorf("%s is ruled by %d sentences: %q", r.ID, n, r.Sentence)
			}
			if n := sentencesIn(r.Rationale); n < 2 || n > 4 {
				t.Errorf("%s is argued in %d sentences, want 2 to 4: %q", r.ID, n, r.Rationale)
			}
			if r.Level == report.Must && !strings.Contains(r.Rationale, "MUST") {
				t.Errorf("%s does not say why it is a MUST: %q", r.ID, r.Rationale)
			}
			if cited := cites.FindStringSubmatch(r.Citation); cited == nil || cited[1] != r.ID {
				t.Errorf("%s does not name a section of RFC 9110 or 9112 and then its own number in the contract: %q", r.ID, r.Citation)
			}
			if len(r.Causes) == 0 {
				t.Errorf("%s names nothing that usually breaks it", r.ID)
			}
			for _, c := range r.Causes {
				oneLine(t, r.ID+" cause", c)
			}
		}
	}
}

// TestHTTPSaysNothingTwice: no text of a requirement is that of another one, of whatever family.
func TestHTTPSaysNothingTwice(t *testing.T) {
	seen := map[string]string{}
	for _, f := range general() {
		for _, r := range f.Requirements {
			for _, text := range texts(r) {
				seen[text] = r.ID // two of them may share a cause
			}
		}
	}
	for _, f := range HTTP() {
		for _, r := range f.Requirements {
			for _, text := range texts(r) {
				if other := seen[text]; other != "" {
					t.Errorf("%s says what %s says: %q", r.ID, other, text)
				}
				seen[text] = r.ID
			}
		}
	}
}

// general are the families of every server.
func general() []Family {
	return slices.DeleteFunc(Families(), func(f Family) bool { return ofHTTP(f.Requirements[0]) })
}

// TestHTTPInTheContract: the families about HTTP/1.1 that can be shown stand behind all others, in their own order.
func TestHTTPInTheContract(t *testing.T) {
	rest, own := Families()[len(general()):], HTTP()
	if len(rest) == 0 || len(rest) > len(own) {
		t.Fatalf("%d families about HTTP/1.1 can be shown, of %d", len(rest), len(own))
	}
	for _, f := range rest {
		at := slices.IndexFunc(own, func(o Family) bool { return o.ID == f.ID })
		if at < 0 {
			t.Fatalf("%s stands where another family about HTTP/1.1 belongs", f.ID)
		}
		own = own[at+1:]
	}
}

// texts are what people read of a requirement, the sections that it cites left out.
func texts(r Requirement) []string {
	return append([]string{r.Title, r.Sentence, r.Rationale}, r.Causes...)
}

// longestTitle is the length of the longest title, in characters.
func longestTitle(families []Family) int {
	longest := 0
	for _, f := range families {
		for _, r := range f.Requirements {
			longest = max(longest, utf8.RuneCountInString(r.Title))
		}
	}
	return longest
}

var fullStop = regexp.MustCompile(`[.!?](\s|$)`)

// sentencesIn counts the sentences of a text by their full stops.
func sentencesIn(text string) int { return len(fullStop.FindAllString(text, -1)) }

// TestHTTPIsACopy: who changes what HTTP returns does not change the contract.
func TestHTTPIsACopy(t *testing.T) {
	HTTP()[0].ID = "CHANGED"
	if got := HTTP()[0].ID; got != "HREQ" {
		t.Errorf("the first family is now %s", got)
	}
}
