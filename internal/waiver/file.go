// Package waiver reads what a team knows to be broken of a server, and lets be for now; and says of a run what of that holds no longer.
package waiver

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/exchange/outline"
	"github.com/streamspec/streamspec/internal/show"
)

// Unreasoned is the reason of entries that were written by a run: somebody is to say why.
const Unreasoned = "TODO"

// An Entry is a requirement that is broken, and may be for now.
type Entry struct {
	Requirement  string
	Reason       string
	Link         string    // to where it is told, as an issue; "" for none
	Until        time.Time // the last day on which it may be broken; zero for no end
	Intermittent bool      // it may pass, too

	line int    // where it stands in its file
	text string // as it stands there, with the comments above it; "" where it was not read
}

// A File is what is known of a server.
type File struct {
	Name    string
	Entries []Entry
	Of      string // what the entries are called in sentences: the file's name

	head   string // what stands in it above its entries
	indent string // before the dash of each
}

// day is how a day is written.
const day = "2006-01-02"

// Parse reads a file of that name. Its error, an [*outline.FileError], says with the line what is wrong with it. A requirement that
// does not exist is not: that is told by a run.
func Parse(name string, text []byte) (*File, error) {
	root, r, err := outline.Parse(name, text)
	if err != nil {
		return nil, err
	}
	f := &File{Name: name, Of: name}
	last := 0 // the line of the key that holds them
	for _, top := range r.Fields(root, "the file", "expect") {
		last = outline.Position(top.At).Line
		if list, ok := top.Value.(*ast.SequenceNode); ok && len(list.Values) == 0 {
			continue
		}
		for _, n := range r.List(top.Value, "expect") {
			e := read(r, n)
			for _, other := range f.Entries {
				if other.Requirement == e.Requirement {
					r.Fail(n, "%s stands here twice: it did in line %d already", show.Prose(e.Requirement), other.line)
				}
			}
			f.indent = strings.Repeat(" ", max(0, outline.Position(n).Column-3))
			f.Entries = append(f.Entries, e)
		}
	}
	if r.Err != nil {
		return nil, r.Err
	}
	f.keep(r.Lines, last)
	return f, nil
}

func read(r *outline.Reader, n ast.Node) (e Entry) {
	e.line = outline.Position(n).Line
	for _, field := range r.Fields(n, "an entry", "requirement", "reason", "link", "until", "intermittent") {
		what := field.Key
		switch what {
		case "requirement":
			e.Requirement = strings.TrimSpace(r.Text(field.Value, what))
		case "reason":
			e.Reason = strings.TrimSpace(r.Text(field.Value, what))
		case "link":
			e.Link = strings.TrimSpace(r.Text(field.Value, what))
		case "until":
			text := r.Text(field.Value, what)
			until, err := time.Parse(day, text)
			if err != nil {
				r.Fail(field.Value, "until is %q, and should be a day such as 2027-03-31", outline.Clipped(text))
			}
			e.Until = until
		case "intermittent":
			e.Intermittent = r.Bool(field.Value, what)
		}
	}
	if e.Requirement == "" {
		r.Fail(n, "an entry has no requirement: write its id, as FRAM-2")
	}
	if e.Reason == "" {
		r.Fail(n, "%s has no reason: say why it may be broken for now", show.Prose(e.Requirement))
	}
	return e
}

// keep gives each entry its text: its lines, and the comments above it. at is the line of the key that holds them.
func (f *File) keep(lines []string, at int) {
	from := min(at, len(lines)) // of the next entry's text
	f.head = strings.Join(lines[:from], "\n")
	for i := range f.Entries {
		to := len(lines)
		if i+1 < len(f.Entries) {
			to = f.Entries[i+1].line - 1
			for to > f.Entries[i].line && comment(lines[to-1]) {
				to--
			}
		}
		if to < from { // two in one line
			to = from
		}
		f.Entries[i].text = strings.TrimRight(strings.Join(lines[from:to], "\n"), "\n \t")
		from = to
	}
}

// comment says whether a line holds nothing but a comment, or nothing.
func comment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

// Unreasoned returns the requirements for which nobody has said why they may be broken.
func (f *File) Unreasoned() (ids []string) {
	for _, e := range f.Entries {
		if e.Reason == Unreasoned {
			ids = append(ids, e.Requirement)
		}
	}
	return ids
}

// expired says whether the entry is over on a day.
func (e Entry) expired(now time.Time) bool {
	return !e.Until.IsZero() && now.UTC().Truncate(24*time.Hour).After(e.Until)
}

// where names the place of an entry, for sentences.
func (f *File) where(e Entry) string {
	if e.line == 0 {
		return show.Prose(f.Of)
	}
	return fmt.Sprintf("%s:%d", show.Prose(f.Of), e.line)
}
