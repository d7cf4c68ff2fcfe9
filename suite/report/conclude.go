package report

import (
	"fmt"
	"slices"
	"strings"
)

// namedLimit bounds the ids that a sentence names.
const namedLimit = 8

// ExitStatus is the exit status of a run that came to c: 0 conformant, 1 not
// conformant, 3 no verdict. (2 is for a call that is wrong, and no run.)
func (c Conclusion) ExitStatus() int {
	switch c {
	case Conformant:
		return 0
	case NotConformant:
		return 1
	}
	return 3
}

// Conclude fills Summary, Cuts, Conclusion, Sentence and First from everything else in
// r. What is broken, and not waived, makes it not conformant, whatever else happened, and so does what is unexpected. Else there
// is no verdict where the run had trouble or was interrupted, where a
// requirement that binds is inconclusive, and where nothing passed. What is left
// is conformant. A MUST binds; under strict a SHOULD does too, and every warning counts as broken.
func Conclude(r *Report) {
	r.Summary, r.Cuts = Summary{}, Cuts{}
	for _, res := range r.Results {
		r.Summary.add(res.Verdict)
		if res.Waived != nil {
			r.Summary.Waived++
		}
		r.Cuts.Made += res.Cuts.Made
		r.Cuts.Confirmed += res.Cuts.Confirmed
	}
	levels := tallies(r)
	broken, undecided, passed := 0, 0, 0
	for _, t := range levels {
		broken += len(t.broken)
		undecided += len(t.undecided)
		passed += t.passed
	}
	switch {
	case broken > 0, len(r.Unexpected) > 0:
		r.Conclusion = NotConformant
	case r.Trouble != "", r.Interrupted, undecided > 0, passed == 0:
		r.Conclusion = NoVerdict
	default:
		r.Conclusion = Conformant
	}
	r.Sentence = sentence(r, levels, passed)
	r.First = first(r.Results, r.Explains)
}

// first returns the broken requirement to begin with: of those that show the likely cause, or else of all, a MUST before a SHOULD, and
// of these the one whose failure costs least, the first of those in the order of the results; "" where nothing is broken.
func first(results []Result, shows []string) string {
	best := -1
	before := func(r, s Result) bool {
		likely, other := slices.Contains(shows, r.ID), slices.Contains(shows, s.ID)
		switch {
		case likely != other:
			return likely
		case r.Verdict != s.Verdict:
			return r.Verdict == Fail
		}
		return r.Failure.Cost < s.Failure.Cost
	}
	for i, r := range results {
		if r.Failure == nil || r.Waived != nil || r.Verdict != Fail && r.Verdict != Warn {
			continue
		}
		if best < 0 || before(r, results[best]) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return results[best].ID
}

// Explain gives r, which was concluded, its likely cause, which these requirements show: one of them is what to begin with, as far as
// they are broken, and of what usually breaks them that cause alone is told.
func Explain(r *Report, likely string, shows ...string) {
	if r.Likely = likely; likely == "" {
		return
	}
	r.Explains = shows
	r.First = first(r.Results, shows)
	for _, res := range r.Results {
		if res.Failure != nil && slices.Contains(shows, res.ID) {
			res.Failure.Causes = []string{likely}
		}
	}
}

// add counts v. A verdict that does not exist is inconclusive, never a pass.
func (s *Summary) add(v Verdict) {
	switch v {
	case Pass:
		s.Pass++
	case Fail:
		s.Fail++
	case Warn:
		s.Warn++
	case Info:
		s.Info++
	case Skip:
		s.Skip++
	default:
		s.Inconclusive++
	}
}

// broken tells whether the result speaks against conformance.
func (r Result) broken(strict bool) bool {
	return r.Waived == nil && (r.Verdict == Fail || r.Verdict == Warn && strict)
}

// binds tells whether conformance cannot be claimed without the requirement. A
// level that does not exist binds like a MUST.
func (r Result) binds(strict bool) bool {
	return r.Level != May && (r.Level != Should || strict)
}

// tally counts the requirements of one level.
type tally struct {
	level     Level
	judged    int      // neither skipped nor only observed
	passed    int      // of those
	warned    []string // ids with a warning that does not
	broken    []string // ids that speak against conformance
	failed    int      // of those, whatever is strict
	waived    []string // ids that are broken, and may be for now
	undecided []string // ids that bind and are inconclusive
}

// tallies counts the results of r, one tally a level.
func tallies(r *Report) []tally {
	all := []tally{{level: Must}, {level: Should}, {level: May}}
	for _, res := range r.Results {
		t := &all[0]
		switch res.Level {
		case Should:
			t = &all[1]
		case May:
			t = &all[2]
		}
		if res.Verdict == Skip || res.Verdict == Info {
			continue
		}
		t.judged++
		switch {
		case res.Verdict == Pass:
			t.passed++
		case res.broken(r.Strict):
			t.broken = append(t.broken, res.ID)
			if res.Verdict == Fail {
				t.failed++
			}
		case res.Waived != nil:
			t.waived = append(t.waived, res.ID)
		case res.Verdict == Warn:
			t.warned = append(t.warned, res.ID)
		case res.binds(r.Strict):
			t.undecided = append(t.undecided, res.ID)
		}
	}
	return all
}

// sentence is the last line of the console report.
func sentence(r *Report, levels []tally, passed int) string {
	var parts []string
	unnamed := r.Summary.Inconclusive
	noVerdict := r.Conclusion == NoVerdict
	switch {
	case noVerdict && r.Trouble != "":
		parts = append(parts, "the target could not be judged")
	case noVerdict && r.Interrupted:
		parts = append(parts, "interrupted")
	case noVerdict && passed == 0:
		parts = append(parts, "no requirement was shown to hold")
	}
	for _, t := range levels {
		switch {
		case len(t.broken) > 0:
			parts = append(parts, t.claim("broken", t.broken, r.Strict))
		case noVerdict && len(t.undecided) > 0:
			unnamed -= len(t.undecided)
			parts = append(parts, t.claim("inconclusive", t.undecided, r.Strict))
		case t.judged > 0 && t.level != May && (passed > 0 || !noVerdict):
			said := fmt.Sprintf("%d of %d %s", t.passed, t.judged, t.level)
			if len(t.waived) > 0 {
				said += fmt.Sprintf(" (%d waived: %s)", len(t.waived), nameSome(t.waived))
			}
			if t.level == Must && len(t.warned) > 0 { // which a SHOULD leaves to the list
				said += fmt.Sprintf(" (%d with a warning: %s)", len(t.warned), nameSome(t.warned))
			}
			parts = append(parts, said)
		}
	}
	if n := r.Summary.Skip; n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", n, skipWord(r)))
	}
	if unnamed > 0 {
		parts = append(parts, fmt.Sprintf("%d inconclusive", unnamed))
	}
	if n := len(r.Unexpected); n > 0 && !noVerdict {
		parts = append(parts, fmt.Sprintf("%d not as expected", n))
	}
	if r.Interrupted && !noVerdict {
		parts = append(parts, "interrupted")
	}
	begin := string(r.Conclusion)
	if n := r.Summary.Waived; n > 0 {
		begin += fmt.Sprintf(", with %d waived", n)
	}
	return begin + ": " + strings.Join(parts, ", ")
}

// claim says how many of the level are so, and which.
func (t tally) claim(so string, ids []string, strict bool) string {
	if strict && t.failed == 0 && (t.level == Should || len(t.broken) > 0) {
		so += " under strict"
	}
	return fmt.Sprintf("%d of %d %s %s (%s)", len(ids), t.judged, t.level, so, nameSome(ids))
}

// nameSome names the first of ids and says how many more there are.
func nameSome(ids []string) string {
	if len(ids) <= namedLimit {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:namedLimit], ", "), len(ids)-namedLimit)
}

// skipWord is what a skip means in this run. A run that ended early skips what
// would have applied.
func skipWord(r *Report) string {
	if r.Interrupted || r.Trouble != "" {
		return "not judged"
	}
	return "not applicable"
}
