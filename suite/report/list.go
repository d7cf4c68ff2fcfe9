package report

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

const (
	slow        = 100 // the duration in milliseconds that is worth a remark
	idLimit     = 12  // columns of an id that are shown
	wordsLimit  = 20  // columns of words below which shortening tells nothing
	figureLimit = 24  // columns that figures may claim for themselves
)

// list draws the requirements by family, one line each.
type list struct {
	o          ConsoleOptions
	allProven  bool // the header says that cuts are confirmed
	idWidth    int
	titleWidth int
	cutsWidth  int
	buf        strings.Builder
}

// newList measures the columns.
func newList(r *Report, o ConsoleOptions) *list {
	l := &list{o: o, allProven: r.Target.Cuts == "confirmed"}
	for _, res := range r.Results {
		if l.lists(res) {
			l.idWidth = max(l.idWidth, columns(show.Prose(res.ID)))
			l.titleWidth = max(l.titleWidth, columns(show.Prose(res.Title)))
			l.cutsWidth = max(l.cutsWidth, len(show.Count(res.Cuts.Made)))
		}
	}
	l.idWidth = min(l.idWidth, idLimit)
	figures := 0
	for _, res := range r.Results {
		if l.lists(res) {
			figures = max(figures, columns(l.figures(res)))
		}
	}
	l.titleWidth = min(l.titleWidth, max(16, o.columns()-l.indent()-2-min(figures, figureLimit)))
	return l
}

// lists tells whether a requirement has a line of its own. Skips are summed up,
// unless all is wanted.
func (l *list) lists(res Result) bool { return res.Verdict != Skip || l.o.Verbose }

// indent is the column at which titles begin.
func (l *list) indent() int { return 2 + 2 + l.idWidth + 2 }

// draw draws all families that have something to show.
func (l *list) draw(families []family) string {
	for _, f := range families {
		var shown []Result
		for _, res := range f.results {
			if l.lists(res) {
				shown = append(shown, res)
			}
		}
		if len(shown) == 0 {
			continue
		}
		l.family(f)
		for _, res := range shown {
			l.result(res)
		}
	}
	return l.buf.String()
}

func (l *list) line(s string) {
	l.buf.WriteString(strings.TrimRight(s, " "))
	l.buf.WriteByte('\n')
}

// family is the heading: code, name, and how many of those judged passed.
func (l *list) family(f family) {
	passed, judged := 0, 0
	for _, res := range f.results {
		switch res.Verdict {
		case Pass:
			passed++
			judged++
		case Skip, Info:
		default:
			judged++
		}
	}
	head := show.Prose(f.code)
	if name := familyName(f.code); name != "" {
		head += " " + name
	}
	head = shorten(head, l.o.columns()-16)
	tally := ""
	if judged > 0 {
		tally = fmt.Sprintf("  %d of %d", passed, judged)
	}
	l.line(l.o.in(bold, head) + l.o.in(dim, tally))
}

// result is a requirement's line. Its title is never cut; its remarks are
// shortened, or left out where there is no room and they are told elsewhere.
func (l *list) result(res Result) {
	mark, k := l.o.mark(res.Verdict)
	if res.Waived != nil {
		k = dim
	}
	width := l.o.columns()
	titles := wrap(show.Prose(res.Title), width-l.indent())
	for i, title := range titles {
		lead := strings.Repeat(" ", l.indent())
		if i == 0 {
			lead = "  " + l.o.in(k, mark) + " " + pad(shorten(show.Prose(res.ID), l.idWidth), l.idWidth) + "  "
		}
		if i < len(titles)-1 {
			l.line(lead + title)
			continue
		}
		beside, under := l.remark(res, width-l.indent()-columns(title)-2)
		l.line(lead + l.place(title, beside))
		for _, s := range under {
			l.line(strings.Repeat(" ", l.indent()+2) + l.o.in(dim, s))
		}
	}
}

// place puts a remark into its column, or as much to the left of it as it needs
// to end with the line. A title longer than the column takes the space before
// the remark.
func (l *list) place(title, remark string) string {
	if strings.TrimSpace(remark) == "" {
		return title
	}
	for over := columns(title) - l.titleWidth; over > 0 && remark[0] == ' '; over-- {
		remark = remark[1:]
	}
	column := min(l.titleWidth, l.o.columns()-l.indent()-2-columns(remark))
	return pad(title, column) + "  " + l.o.in(dim, remark)
}

// remark is what stands at the right of a requirement, in at most a width, and
// what has to stand under it.
func (l *list) remark(res Result, width int) (beside string, under []string) {
	figures := l.figures(res)
	words := res.Observed
	told := false // elsewhere in the report
	switch res.Verdict {
	case Fail, Warn:
		words, told = problem(res), true
	case Inconclusive, Skip:
		words, told = res.Reason, res.Verdict == Inconclusive
	}
	if res.Waived != nil {
		words, told = res.Waived.words(), false
	}
	words = show.Prose(words)
	if columns(figures) > width {
		figures = ""
	}
	both := figures
	if words != "" && both != "" {
		both += " · "
	}
	both += words
	switch {
	case columns(both) <= width:
		return both, nil
	case told:
		// Its own section tells it in full: here it must not leave its column.
		width = min(width, l.o.columns()-l.indent()-l.titleWidth-2)
		if width-columns(both)+columns(words) < wordsLimit {
			return figures, nil
		}
		return shorten(both, width), nil
	case columns(words) <= width:
		return words, nil
	}
	return figures, wrap(words, l.o.columns()-l.indent()-2)
}

// figures are the cuts, where there were any, and the duration where it is long.
func (l *list) figures(res Result) string {
	var parts []string
	if n := res.Cuts.Made; n > 0 {
		s := padLeft(show.Count(n), l.cutsWidth) + " cuts"
		if n == 1 {
			s = padLeft("1", l.cutsWidth) + " cut "
		}
		if l.allProven && res.Cuts.Confirmed < n {
			s += ", " + show.Count(res.Cuts.Confirmed) + " confirmed"
		}
		parts = append(parts, s)
	}
	if res.DurationMS > slow {
		parts = append(parts, duration(res.DurationMS))
	}
	return strings.TrimRight(strings.Join(parts, " · "), " ")
}
