package rules

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/dialects"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/suite/dialect"
)

// normative is section 4 of the contract, written down by hand: the id, the
// level, the letters of the dialects and what the target must bring. Where the
// contract names no dialects (LIFE-8, LIFE-9, ROBU) all of them can show it.
// What an exchange file (x) can show, http1 (h) can.
const normative = `
LIFE-1 MUST eghlsx
LIFE-2 MUST eghlsx
LIFE-3 MUST egls
LIFE-4 MUST ls
LIFE-5 MUST eghlsx
LIFE-6 MUST eghlsx exec
LIFE-7 SHOULD ehlsx exec
LIFE-8 MUST eghlsx exec
LIFE-9 SHOULD eghlsx exec
LIFE-10 MUST eghlsx pid
LIFE-11 MUST eghlsx pid
LIFE-12 SHOULD eghlsx
LIFE-13 MUST eghlsx exec
CONC-1 MUST eghlsx
CONC-2 SHOULD eghlsx
CONC-3 SHOULD eghlsx
FRAM-1 MUST eghlsx
FRAM-2 MUST eghlsx
FRAM-3 MUST eghlsx
FRAM-4 MUST eghlsx
FRAM-5 MUST eghlsx
FRAM-6 MUST hlsx
FRAM-7 MUST eghlsx
FRAM-8 MUST egls
FRAM-9 MUST eghlsx
FRAM-10 MUST eghlsx
FRAM-11 MUST eghlsx
FRAM-12 MUST hlsx
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
CLOS-1 MUST eghlsx
CLOS-2 SHOULD hsx
CLOS-3 MUST eghlsx
CLOS-4 MUST eghlsx
FLOW-1 MUST eghlsx
FLOW-2 SHOULD eghlsx
FLOW-3 MUST eg
FLOW-4 SHOULD eghlsx
ROBU-1 MUST eghlsx
ROBU-2 MUST eghlsx
ROBU-3 MUST eghlsx
ROBU-4 MUST eghlsx
ROBU-5 MUST eghlsx
ROBU-6 MUST eghlsx
ROBU-7 SHOULD eghlsx pid
HREQ-1 SHOULD h
HREQ-2 MUST h
HREQ-3 MUST h
HREQ-4 MUST h
HREQ-5 SHOULD h
HREQ-6 SHOULD h
HREQ-7 MUST h
HREQ-8 MAY h
HREQ-9 SHOULD h
HREQ-10 SHOULD h
HREQ-11 SHOULD h
HREQ-12 SHOULD h
HREQ-13 SHOULD h
HREQ-14 MUST h
HREQ-15 SHOULD h
HREQ-16 MAY h
HREQ-17 MUST h
HFLD-1 MUST h
HFLD-2 MUST h
HFLD-3 MUST h
HFLD-4 MAY h
HFLD-5 MUST h
HFLD-6 MUST h
HFLD-7 MUST h
HFLD-8 MUST h
HFLD-9 MUST h
HFLD-10 MAY h
HFLD-11 SHOULD h
HFLD-12 SHOULD h
HFLD-13 MUST h
HFLD-14 MUST h
HFLD-15 MUST h
HFLD-16 MUST h
HFLD-17 SHOULD h
HLEN-1 MUST h
HLEN-2 MUST h
HLEN-3 MUST h
HLEN-4 MUST h
HLEN-5 MAY h
HLEN-6 MUST h
HLEN-7 MUST h
HLEN-8 MUST h
HLEN-9 SHOULD h
HLEN-10 MUST h
HLEN-11 MUST h
HLEN-12 MUST h
HLEN-13 MUST h
HLEN-14 MUST h
HLEN-15 MUST h
HLEN-16 SHOULD h
HLEN-17 MUST h
HCHK-1 MUST h
HCHK-2 MUST h
HCHK-3 MUST h
HCHK-4 MUST h
HCHK-5 SHOULD h
HCHK-6 MUST h
HCHK-7 SHOULD h
HCHK-8 SHOULD h
HCHK-9 MUST h
HCHK-10 MUST h
HCHK-11 SHOULD h
HCHK-12 MUST h
HCHK-13 MUST h
HCHK-14 SHOULD h
HCON-1 SHOULD h
HCON-2 MUST h
HCON-3 MUST h
HCON-4 MUST h
HCON-5 SHOULD h
HCON-6 MUST h
HCON-7 MUST h
HCON-8 MUST h
HCON-9 MUST h
HCON-10 MUST h
HCON-11 MUST h
HCON-12 MUST h
HCON-13 MUST h
HCON-14 MUST h
HCON-15 MUST h
HCON-16 SHOULD h
HCON-17 SHOULD h
HSEM-1 MUST h
HSEM-2 MUST h
HSEM-3 MUST h
HSEM-4 MUST h
HSEM-5 MUST h
HSEM-6 MUST h
HSEM-7 MUST h
HSEM-8 MUST h
HSEM-9 MUST h
HSEM-10 SHOULD h
SMUG-1 MUST h
SMUG-2 MUST h
SMUG-3 MUST h
SMUG-4 SHOULD h
SMUG-5 MUST h
SMUG-6 MUST h
SMUG-7 MUST h
SMUG-8 MUST pair
`

func TestCatalogueIsTheContract(t *testing.T) {
	var got []string
	for _, r := range contract.All() {
		line := fmt.Sprintf("%s %s %s", r.ID, r.Level, letters(r.ID))
		if r.Pair {
			line += "pair"
		}
		if tags := NeedsOf(r.ID).Tags(); len(tags) > 0 {
			line += " " + strings.Join(tags, " ")
		}
		got = append(got, line)
	}
	want := strings.Split(strings.TrimSpace(normative), "\n")
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("the contract has %q, the catalogue does not have it", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("the catalogue has %q, the contract does not have it", line)
		}
	}
	if !t.Failed() && !slices.Equal(got, want) {
		t.Errorf("the catalogue is in another order than the contract: %q", got)
	}
}

// spoken are the contract's dialects by their letters.
var spoken = map[string]dialect.Dialect{"e": dialect.Echo{}, "g": dialect.Greet{}, "h": http1, "l": dialect.Line{}, "s": dialect.Script{}, "x": exchange.New(nil, "exchange")}

// http1 is the dialect of HTTP/1.1, of a server of which nothing was learned.
var http1, _ = dialects.Lookup(service.Name)

// letters are those of the dialects in which a requirement can be shown.
func letters(id string) string {
	all := ""
	for _, letter := range slices.Sorted(maps.Keys(spoken)) {
		if len(For(id, spoken[letter])) > 0 {
			all += letter
		}
	}
	return all
}

func TestCatalogueCases(t *testing.T) {
	seen, tags := map[string]bool{}, map[string]bool{}
	families := map[string]bool{}
	for _, f := range contract.Families() {
		families[strings.ToLower(f.ID)] = true
	}
	for _, r := range contract.All() {
		if r.Pair {
			if len(Of(r.ID)) > 0 {
				t.Errorf("a case shows %s, which is about two servers", r.ID)
			}
			continue
		}
		if len(Of(r.ID)) == 0 {
			t.Errorf("no case shows %s", r.ID)
		}
		for _, c := range Of(r.ID) {
			if seen[c.ID] || tags[c.Tag] || c.Tag == "" {
				t.Errorf("the case %s, or its tag %q, is there twice", c.ID, c.Tag)
			}
			seen[c.ID], tags[c.Tag] = true, true
			if name, ok := strings.CutPrefix(c.ID, r.ID+"/"); !ok || name == "" || strings.ContainsAny(name, " /") {
				t.Errorf("%s is no id for a case of %s", c.ID, r.ID)
			}
			if !slices.ContainsFunc(slices.Collect(maps.Values(spoken)), c.In) {
				t.Errorf("%s can be shown in no dialect", c.ID)
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
	for id := range catalogue() {
		if _, ok := contract.Lookup(id); !ok {
			t.Errorf("cases show %s, which the contract does not have: one of HTTP/1.1 needs its family in families (internal/contract/contract.go)", id)
		}
	}
}

// sharedChecks are the cases whose check is another family's: lines of text are LINE's.
var sharedChecks = map[string]bool{"CODE-1/texts": true, "CODE-5/forms": true}

func TestNeeds(t *testing.T) {
	both := Exec | Alone
	if !both.Has(Exec) || !both.Has(Alone) || both.Has(PID) || both.Has(Exec|PID) || !Needs(0).Has(0) {
		t.Error("Has does not tell what is among the needs")
	}
	if got := (Exec | PID | InProcess | Alone | Big | Together).Tags(); !slices.Equal(got, []string{"exec", "pid", "in-process"}) {
		t.Errorf("the tags are %q", got)
	}
	if got := common([]Case{{Needs: PID | Big}, {Needs: Alone | Big}}); got != Big {
		t.Errorf("cases that need different things: %b, not what all need", got)
	}
}
