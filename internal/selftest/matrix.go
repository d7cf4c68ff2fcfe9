package selftest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// Schema names the version of the matrix in JSON.
const Schema = "streamspec-selftest/1"

// A Matrix is which requirement catches which fault.
type Matrix struct {
	Schema   string    `json:"schema"`
	Outcomes []Outcome `json:"outcomes"`
}

// NewMatrix makes the matrix of outcomes.
func NewMatrix(outcomes []Outcome) Matrix { return Matrix{Schema, outcomes} }

// Write writes the matrix as JSON, a line for each outcome, so that what changes is seen as lines.
func (m Matrix) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "{\"schema\": %q, \"outcomes\": [", m.Schema)
	for i, o := range m.Outcomes {
		line, err := json.Marshal(o)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n%s", line)
	}
	b.WriteString("\n]}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// maxMatrix bounds what Read reads.
const maxMatrix = 16 << 20

// Read reads a matrix that Write has written. Its error says what is wrong with it.
func Read(r io.Reader) (Matrix, error) {
	var m Matrix
	text, err := io.ReadAll(io.LimitReader(r, maxMatrix+1))
	if err != nil {
		return m, err
	}
	if len(text) > maxMatrix {
		return m, fmt.Errorf("it is longer than %d bytes: no matrix is", maxMatrix)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("it is no matrix of selftest: %w", err)
	}
	if m.Schema != Schema {
		return m, fmt.Errorf("its schema is %q, and this is %s", m.Schema, Schema)
	}
	return m, nil
}

// Problems are the outcomes in which the suite itself fails.
func (m Matrix) Problems() []Outcome {
	return slices.DeleteFunc(slices.Clone(m.Outcomes), func(o Outcome) bool { return o.Problem == "" })
}

// FirstBy returns for each requirement the faults that it catches first, by name,
// each once. What shows by chance alone is left out.
func (m Matrix) FirstBy() map[string][]string {
	by := map[string][]string{}
	for _, o := range m.Outcomes {
		if o.First != "" && (o.Kind == Fault || o.Kind == Trivial) && !slices.Contains(by[o.First], o.Name) {
			by[o.First] = append(by[o.First], o.Name)
		}
	}
	return by
}

// proven are every MUST and SHOULD that a server of the selftest can break, in the order of the contract.
func proven() []contract.Requirement {
	return slices.DeleteFunc(contract.All(), func(r contract.Requirement) bool {
		return r.Level == report.May || !slices.ContainsFunc(Dialects(), func(name string) bool {
			d := Subject{Dialect: name}.judged()
			return d != nil && len(rules.For(r.ID, d)) > 0
		})
	})
}

// Unproven are the ids of every MUST and SHOULD that a server of the selftest can break, and that catches no fault first: it is
// not known that they catch anything. Of HTTP/1.1, where many requirements are about the same bytes, one that catches the fault that is
// named for it is known to, though another shows that more simply.
func (m Matrix) Unproven() []string {
	by := m.FirstBy()
	for _, o := range m.Outcomes {
		if o.Dialect == service.Name && o.Kind == Fault && slices.Contains(o.Broken, o.Requirement) {
			by[o.Requirement] = append(by[o.Requirement], o.Name)
		}
	}
	var ids []string
	for _, r := range proven() {
		if len(by[r.ID]) == 0 {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Only returns the matrix of these subjects alone.
func (m Matrix) Only(subjects []Subject) Matrix {
	wanted := map[string]bool{}
	for _, s := range subjects {
		wanted[s.String()] = true
	}
	return NewMatrix(slices.DeleteFunc(slices.Clone(m.Outcomes), func(o Outcome) bool { return !wanted[o.Key()] }))
}

// Catches returns, of a fault that shows each time, which requirements are enough to show that it is still caught: the one that
// caught it first, and the one that it is named for, or what else explains it. Of every other subject it returns nil: what is
// right, does not serve, or shows by chance is not told by some requirements alone.
func (m Matrix) Catches(s Subject) []string {
	if s.Kind != Fault {
		return nil
	}
	var ids []string
	o := m.cells()[s.String()]
	for _, id := range o.Broken {
		if id == o.First || id == s.Requirement {
			ids = append(ids, id)
		}
	}
	if !explained(s.Requirement, ids) {
		if i := slices.IndexFunc(o.Broken, func(id string) bool { return explained(s.Requirement, []string{id}) }); i >= 0 {
			ids = append(ids, o.Broken[i])
		}
	}
	return ids
}

// A Difference is what two matrices say otherwise of one server.
type Difference struct {
	Key  string // the server's name and dialect
	Text string
}

// Differences says in what a newer matrix differs, of that which is the same
// each time: the servers, and which requirement catches a fault first. That a fault is caught first by the requirement that it is named
// for, and was by another beside that, is none: which of two shows it more simply may hang on who wins a race in the server.
func (m Matrix) Differences(newer Matrix) []Difference {
	var all []Difference
	theirs := newer.cells()
	for _, o := range m.Outcomes {
		t, ok := theirs[o.Key()]
		delete(theirs, o.Key())
		switch {
		case !ok:
			all = append(all, Difference{o.Key(), "was not judged"})
		case o.Kind != t.Kind || o.Requirement != t.Requirement:
			all = append(all, Difference{o.Key(), fmt.Sprintf("is %s of %s, and was %s of %s", t.Kind, orNone(t.Requirement), o.Kind, orNone(o.Requirement))})
		case t.First == o.Requirement && slices.Contains(o.Broken, t.First):
		case o.Kind != Rare && o.First != t.First:
			all = append(all, Difference{o.Key(), fmt.Sprintf("is caught first by %s, and was by %s", orNone(t.First), orNone(o.First))})
		}
	}
	for key := range theirs {
		all = append(all, Difference{key, "is new"})
	}
	slices.SortFunc(all, func(a, b Difference) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// Shown says whether an outcome has no problem, and does not differ from what the matrix says of its subject.
func (m Matrix) Shown(o Outcome) bool {
	known, ok := m.cells()[o.Key()]
	return ok && o.Problem == "" && len(NewMatrix([]Outcome{known}).Differences(NewMatrix([]Outcome{o}))) == 0
}

func orNone(id string) string {
	if id == "" {
		return "none"
	}
	return id
}

// Sums counts what a matrix shows.
type Sums struct {
	Faults, Caught, Named  int // faults that show each time
	Rare, RareCaught       int
	Trivial, TrivialCaught int // servers that do not serve
	Right, Blamed          int
}

// Sums counts the outcomes.
func (m Matrix) Sums() Sums {
	var s Sums
	for _, o := range m.Outcomes {
		switch o.Kind {
		case Right, Unjudged:
			s.Right++
			s.Blamed += one(o.Problem != "")
		case Rare:
			s.Rare++
			s.RareCaught += one(o.Problem == "")
		case Trivial:
			s.Trivial++
			s.TrivialCaught += one(o.Problem == "")
		default:
			s.Faults++
			s.Caught += one(o.Problem == "")
			s.Named += one(o.Named())
		}
	}
	return s
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// String is the one sentence of the sums.
func (s Sums) String() string {
	text := fmt.Sprintf("%d of %d faults caught", s.Caught+s.RareCaught+s.TrivialCaught, s.Faults+s.Rare+s.Trivial)
	if s.Faults > 0 {
		text += fmt.Sprintf(", %d of %d (%.1f %%) first by the requirement that names them", s.Named, s.Faults, 100*float64(s.Named)/float64(s.Faults))
	}
	return text + fmt.Sprintf("; %d of %d right servers blamed", s.Blamed, s.Right)
}

// WriteText writes the matrix as a table for a terminal, its problems, and the sums.
func (m Matrix) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "server\tdialect\tbreaks\tcaught first by\tand by")
	for _, o := range m.Outcomes {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", o.Name, o.Dialect, or(o.Requirement, "nothing"), or(o.First, orNone("")), others(o, 6))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, o := range m.Problems() {
		fmt.Fprintf(w, "\n✗ %s: %s\n", o.Key(), o.Problem)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", m.Sums())
	return err
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// others names up to so many of the requirements that catch the fault besides the first.
func others(o Outcome, limit int) string {
	rest := slices.DeleteFunc(slices.Clone(o.Broken), func(id string) bool { return id == o.First })
	if len(rest) <= limit {
		return strings.Join(rest, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(rest[:limit], " "), len(rest)-limit)
}
