package waiver

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/suite/report"
)

// heading stands in a file that is new.
const heading = `# What is known to be broken, and may be for now. A requirement that passes again is to be taken out: a run says so.
# Each entry has a requirement and a reason; a link and a day (until: 2027-03-31) where there is one; intermittent: true where it passes
# now and then.
expect:`

// emptyList is what a file without entries ends with.
var emptyList = regexp.MustCompile(`\s*\[\s*\]$`)

// Update returns the text of the file as a run has it: what is broken stands in it, and what passes does not. Entries that stay are left as
// they are, with the comments above them; so are those of which the run says nothing, and those that are intermittent. New ones have
// [Unreasoned] for a reason. f may be nil, for a file that is not there yet. The error says that the file is written in a way that cannot be
// gone on with.
func (f *File) Update(r *report.Report) ([]byte, error) {
	results := map[string]report.Result{}
	for _, res := range r.Results {
		results[res.ID] = res
	}
	head, indent := heading, "  "
	var parts, ids []string
	had := map[string]bool{}
	if f != nil {
		head = emptyList.ReplaceAllString(strings.TrimRight(f.head, " \t\n"), "")
		if len(f.Entries) > 0 {
			indent = f.indent
		}
		for _, e := range f.Entries {
			had[e.Requirement] = true
			res, judged := results[e.Requirement]
			if passes := res.Verdict == report.Pass || res.Verdict == report.Info; judged && passes && !e.Intermittent {
				continue
			}
			parts, ids = append(parts, e.text), append(ids, e.Requirement)
		}
	}
	for _, res := range r.Results {
		if broken := res.Verdict == report.Fail || res.Verdict == report.Warn && r.Strict; broken && !had[res.ID] {
			parts = append(parts, indent+"- requirement: "+res.ID+"\n"+indent+"  reason: "+Unreasoned)
			ids = append(ids, res.ID)
		}
	}
	text := []byte(head + " []\n")
	if len(parts) > 0 {
		text = []byte(head + "\n" + strings.Join(parts, "\n") + "\n")
	}
	written, err := Parse("", text)
	if err != nil || !slices.Equal(written.ids(), ids) {
		return nil, errors.New("its entries are not written as a list of one line or more for each, and cannot be gone on with: write them as streamspec run --expect-update does into a new file")
	}
	return text, nil
}

// ids are the requirements of the entries.
func (f *File) ids() (ids []string) {
	for _, e := range f.Entries {
		ids = append(ids, e.Requirement)
	}
	return ids
}
