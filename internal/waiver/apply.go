package waiver

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
)

// Mark gives a result its waiver, where it is broken and may be.
func (f *File) Mark(r *report.Result, now time.Time) {
	if f == nil || r.Verdict != report.Fail && r.Verdict != report.Warn {
		return
	}
	for _, e := range f.Entries {
		if e.Requirement == r.ID && !e.expired(now) {
			r.Waived = &report.Waived{Reason: e.Reason, Link: e.Link}
			if !e.Until.IsZero() {
				r.Waived.Until = e.Until.Format(day)
			}
		}
	}
}

// Unmet says what of the file does not hold of a run's results, a sentence each: an entry that is over, one whose requirement passes, one
// whose requirement the server cannot be judged by, and one whose requirement does not exist; ids are those that do. Of what was not
// selected nothing is said, nor of a run that was interrupted or had trouble.
func (f *File) Unmet(results []report.Result, ids []string, now time.Time) (said []string) {
	if f == nil {
		return nil
	}
	byID := map[string]report.Result{}
	for _, r := range results {
		byID[r.ID] = r
	}
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	for _, e := range f.Entries {
		r, judged := byID[e.Requirement]
		id, at := show.Prose(e.Requirement), f.where(e)
		switch {
		case !known[e.Requirement]:
			said = append(said, fmt.Sprintf("%s: there is no requirement %s%s", at, id, nearest(e.Requirement, ids)))
		case e.expired(now):
			said = append(said, fmt.Sprintf("%s: %s may be broken until %s, which is over: mend it, or give it another day", at, id, e.Until.Format(day)))
		case !judged, e.Intermittent && r.Verdict != report.Skip:
		case r.Verdict == report.Pass, r.Verdict == report.Info:
			said = append(said, fmt.Sprintf("%s: %s passes, and is expected to fail: take it out, or say that it is intermittent", at, id))
		case r.Verdict == report.Skip:
			said = append(said, fmt.Sprintf("%s: %s was not judged, so that nothing is known to be broken there: take it out (%s)", at, id, show.Prose(r.Reason)))
		}
	}
	return said
}

// nearest asks for the id that may have been meant.
func nearest(id string, ids []string) string {
	if near := hint.Nearest(strings.ToUpper(id), ids); near != "" {
		return fmt.Sprintf(": did you mean %s?", near)
	}
	return ": streamspec list shows them all"
}

// Baseline is what was broken in an earlier run, as a file of that name, and what passed then.
type Baseline struct {
	*File
	passed map[string]bool
}

// NewBaseline returns the baseline that a report of that name is: what was broken in it may be, and may pass too.
func NewBaseline(name string, r *report.Report) *Baseline {
	b := &Baseline{File: &File{Name: name, Of: name}, passed: map[string]bool{}}
	for _, res := range r.Results {
		switch res.Verdict {
		case report.Fail, report.Warn:
			b.Entries = append(b.Entries, Entry{Requirement: res.ID, Reason: "it is broken in " + name, Intermittent: true})
		case report.Pass:
			b.passed[res.ID] = true
		}
	}
	return b
}

// Unmet says which requirements passed in the baseline, and do not in these results: a sentence each.
func (b *Baseline) Unmet(results []report.Result) (said []string) {
	for _, r := range results {
		if !b.passed[r.ID] || r.Verdict == report.Pass || r.Verdict == report.Info {
			continue
		}
		now := map[report.Verdict]string{report.Fail: "is broken", report.Warn: "has a warning", report.Skip: "is not judged", report.Inconclusive: "is inconclusive"}[r.Verdict]
		said = append(said, fmt.Sprintf("%s passed in %s, and %s now", show.Prose(r.ID), show.Prose(b.Of), now))
	}
	return said
}

// Known is all that is known of a server before a run: the zero value is nothing.
type Known struct {
	Waivers  *File
	Baseline *Baseline
}

// Mark gives a result its waiver, where it is broken and may be.
func (k Known) Mark(r *report.Result, now time.Time) {
	if k.Baseline != nil {
		k.Baseline.Mark(r, now)
	}
	k.Waivers.Mark(r, now) // which says more
}

// Unmet says what of all that does not hold of a run's results: a sentence each.
func (k Known) Unmet(results []report.Result, ids []string, now time.Time) []string {
	said := k.Waivers.Unmet(results, ids, now)
	if k.Baseline != nil {
		said = append(said, k.Baseline.Unmet(results)...)
	}
	return said
}

// Update has a run's report be what it is by the waivers that were written of it ([File.Update]), whose text this is.
func (k *Known) Update(r *report.Report, name string, text []byte, ids []string) (err error) {
	if k.Waivers, err = Parse(name, text); err != nil {
		return err
	}
	for i := range r.Results {
		r.Results[i].Waived = nil
		k.Mark(&r.Results[i], r.Started)
	}
	r.Unexpected = k.Unmet(r.Results, ids, r.Started)
	report.Conclude(r)
	return nil
}
