package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

const (
	notesLimit  = 20 // notes that are shown
	stderrLimit = 12 // lines of a server's stderr that are shown
)

// WriteConsole draws r, which was concluded, for people: what was judged, the
// requirements by family, the evidence of each that is broken, notes, cuts, and
// the sentence as the last line. Whatever the report holds, only visible
// characters, line ends and, with Color, the report's own colours are written,
// and no line but the sentence and a command is wider than the width.
func WriteConsole(w io.Writer, r *Report, o ConsoleOptions) error {
	o.Strict = o.Strict || r.Strict
	c := &console{block: block{o: o}, r: r}
	c.header()
	if c.judged() {
		c.buf.WriteString(newList(r, o).draw(byFamily(r.Results)))
		c.sums()
		c.failures()
	}
	c.remarks()
	c.last()
	_, err := io.WriteString(w, c.buf.String())
	return err
}

// console is a report being drawn.
type console struct {
	block
	r *Report
}

// text adds running text in an ink, wrapped, with an indent from its second line.
func (c *console) text(k ink, lead, s string) {
	for i, p := range show.Paragraphs(s) {
		for j, line := range wrap(p, c.o.columns()-columns(lead)) {
			if i+j > 0 {
				lead = strings.Repeat(" ", columns(lead))
			}
			c.line(lead + c.o.in(k, line))
		}
	}
}

// judged tells whether there is any verdict to list. A run in trouble skips
// everything for the one reason that it gives by itself.
func (c *console) judged() bool {
	return c.r.Trouble == "" && len(c.r.Results) > 0 || slices.ContainsFunc(c.r.Results, func(res Result) bool {
		return res.Verdict != Skip
	})
}

// header says what was judged, and how.
func (c *console) header() {
	r := c.r
	name := r.Tool.Name
	if name == "" {
		name = "streamspec"
	}
	parts := []string{strings.TrimSpace(name + " " + r.Tool.Version), r.Target.Name}
	if r.Target.Address != "" && r.Target.Address != r.Target.Name {
		parts = append(parts, r.Target.Address)
	}
	if r.Target.PID > 0 {
		parts = append(parts, fmt.Sprintf("pid %d", r.Target.PID))
	}
	if r.Dialect != "" {
		parts = append(parts, "dialect "+r.Dialect)
	}
	parts = append(parts, fmt.Sprintf("seed %d", r.Seed))
	if r.Target.Cuts != "" && r.Trouble == "" { // behind a gate that was not passed, whether cuts are seen is not known
		parts = append(parts, "cuts "+r.Target.Cuts)
	}
	if r.Target.Serial {
		parts = append(parts, "one client at a time")
	}
	if r.Strict {
		parts = append(parts, "strict")
	}
	for _, line := range fill(parts, " · ", c.o.columns()) {
		c.line(c.o.in(bold, line))
	}
}

// fill joins parts into lines, breaking between parts where it can.
func fill(parts []string, sep string, width int) []string {
	var lines []string
	line := ""
	for _, p := range parts {
		p = strings.TrimSpace(show.Prose(p))
		if p == "" {
			continue
		}
		if line != "" && columns(line)+columns(sep)+columns(p) <= width {
			line += sep + p
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		broken := wrap(p, width)
		lines = append(lines, broken[:len(broken)-1]...)
		line = broken[len(broken)-1]
	}
	return append(lines, line)
}

// sum is the requirements that have one reason in common.
type sum struct {
	verdict Verdict
	reason  string
	ids     []string
}

// sums tells of what was not judged, a reason a line.
func (c *console) sums() {
	var all []sum
	for _, f := range byFamily(c.r.Results) {
		for _, res := range f.results {
			skipped := res.Verdict == Skip && !c.o.Verbose
			if !skipped && (res.Verdict != Inconclusive || res.Failure != nil) {
				continue
			}
			i := slices.IndexFunc(all, func(s sum) bool { return s.verdict == res.Verdict && s.reason == res.Reason })
			if i < 0 {
				i = len(all)
				all = append(all, sum{verdict: res.Verdict, reason: res.Reason})
			}
			all[i].ids = append(all[i].ids, res.ID)
		}
	}
	for _, s := range all {
		word := "inconclusive"
		if s.verdict == Skip {
			word = skipWord(c.r)
		}
		text := fmt.Sprintf("%d %s", len(s.ids), word)
		if s.reason != "" {
			text += ": " + show.Prose(s.reason)
		}
		mark, k := c.o.mark(s.verdict)
		lines := wrap(show.Prose(text+" ("+named(s.ids)+")"), c.o.columns()-2)
		for i, line := range lines {
			lead := "  "
			if i == 0 {
				lead = c.o.in(k, mark) + " "
			}
			c.line(lead + c.o.in(dim, line))
		}
	}
}

// named lists ids; where they are many, how many of each family.
func named(ids []string) string {
	const many = 16
	if len(ids) <= many {
		return strings.Join(ids, ", ")
	}
	var families []string
	count := map[string]int{}
	for _, id := range ids {
		family, _, _ := strings.Cut(id, "-")
		if count[family]++; count[family] == 1 {
			families = append(families, family)
		}
	}
	for i, family := range families {
		families[i] = fmt.Sprintf("%s %d", family, count[family])
	}
	return strings.Join(families, ", ")
}

// failures is a section for each requirement that is broken, or that has
// evidence. What is waived has its line in the list, and a section where all is wanted.
func (c *console) failures() {
	for _, f := range byFamily(c.r.Results) {
		for _, res := range f.results {
			if res.Waived != nil && !c.o.Verbose {
				continue
			}
			if res.Verdict == Fail || res.Verdict == Warn || res.Failure != nil {
				c.line("")
				c.buf.WriteString(FailureText(res, c.o))
			}
		}
	}
}

// remarks is what concerns the whole run.
func (c *console) remarks() {
	r := c.r
	shown := c.buf.Len()
	if r.Trouble != "" {
		c.text(red, "", r.Trouble)
	}
	if r.Interrupted {
		c.text(yellow, "", "interrupted: this is what was known by then")
	}
	if r.Trouble != "" || r.Conclusion == NotConformant {
		c.stderr()
	}
	if r.Likely != "" {
		c.text(bold, "likely cause: ", r.Likely)
	}
	for _, u := range r.Unexpected[:min(len(r.Unexpected), notesLimit)] {
		c.text(red, "not as expected: ", u)
	}
	if more := len(r.Unexpected) - notesLimit; more > 0 {
		c.text(red, "not as expected: ", fmt.Sprintf("%d more", more))
	}
	if n := r.Summary.Fail + r.Summary.Warn - r.Summary.Waived; n > 1 && r.First != "" {
		c.text(bold, "", fmt.Sprintf("begin with %s: of %d failures, it is the simplest to follow", r.First, n))
	}
	for _, n := range r.Notes[:min(len(r.Notes), notesLimit)] {
		c.text(yellow, "note: ", n)
	}
	if more := len(r.Notes) - notesLimit; more > 0 {
		c.text(yellow, "note: ", fmt.Sprintf("%d more", more))
	}
	if r.Cuts.Made > 0 {
		c.text(dim, "", cutsLine(r))
	}
	if c.judged() && c.buf.Len() > shown {
		// A blank line parts the list from what concerns all of it.
		text := c.buf.String()
		c.buf.Reset()
		c.buf.WriteString(text[:shown] + "\n" + text[shown:])
	}
}

// cutsLine counts the cuts of the whole run.
func cutsLine(r *Report) string {
	made := show.CountOf(r.Cuts.Made, "cut")
	switch {
	case r.Cuts.Confirmed >= r.Cuts.Made:
		return made + ", all confirmed to be separate reads"
	case r.Cuts.Confirmed > 0:
		return fmt.Sprintf("%s, %s of them confirmed to be separate reads", made, show.Count(r.Cuts.Confirmed))
	}
	return made + ", likely separate reads: the server's end of the connection cannot be seen"
}

// stderr is the end of what a server that the suite started complained of.
func (c *console) stderr() {
	if strings.TrimSpace(c.r.Target.Stderr) == "" {
		return
	}
	lines := strings.Split(strings.TrimSpace(c.r.Target.Stderr), "\n")
	c.line("the server's stderr ends:")
	for _, s := range lines[max(0, len(lines)-stderrLimit):] {
		s = strings.TrimRight(strings.ReplaceAll(s, "\t", "    "), "\r")
		c.line(c.o.in(dim, "  | "+shorten(show.Prose(s), c.o.columns()-4)))
	}
}

// last is the sentence, on one line however long, so that it can be found.
func (c *console) last() {
	if c.r.Sentence != "" {
		c.line(c.o.in(conclusionInk(c.r.Conclusion), show.Prose(c.r.Sentence)))
	}
}
