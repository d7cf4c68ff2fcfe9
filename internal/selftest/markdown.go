package selftest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/reference/faulty"
)

// WriteMarkdown writes the matrix as three tables: the faults and what catches
// them in each dialect, the requirements and what they catch first, and the right servers.
func (m Matrix) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	m.markdownFaults(&b)
	m.markdownRequirements(&b)
	m.markdownRight(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (m Matrix) markdownFaults(b *strings.Builder) {
	b.WriteString("## Faults\n\nIn each dialect, the requirement that catches the fault first, and how many others do; — where it does not show.\n\n")
	fmt.Fprintf(b, "| fault | what a client sees | the mistake | breaks | %s |\n|---|---|---|---|%s\n", strings.Join(Dialects(), " | "), strings.Repeat("---|", len(Dialects())))
	cells := m.cells()
	for _, f := range faulty.All() {
		row := []string{"`" + f.Name + "`", f.Sentence, f.Mistake, f.Requirement}
		for _, d := range Dialects() {
			cell := "—"
			if o, ok := cells[f.Name+"/"+d]; ok {
				cell = orNone(o.First)
				if more := len(o.Broken) - 1; more > 0 {
					cell += fmt.Sprintf(" +%d", more)
				}
				if o.Kind == Rare {
					cell = "by chance"
				}
				if o.Problem != "" {
					cell = "**" + o.Problem + "**"
				}
			}
			row = append(row, cell)
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
}

// cells are the outcomes by their keys.
func (m Matrix) cells() map[string]Outcome {
	cells := map[string]Outcome{}
	for _, o := range m.Outcomes {
		cells[o.Key()] = o
	}
	return cells
}

func (m Matrix) markdownRequirements(b *strings.Builder) {
	b.WriteString("\n## Requirements\n\nThe faults that each catches first.\n\n| requirement | level | faults |\n|---|---|---|\n")
	by := m.FirstBy()
	for _, r := range proven() {
		names := slices.Clone(by[r.ID])
		slices.Sort(names)
		for i := range names {
			names[i] = "`" + names[i] + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", r.ID, r.Level, or(strings.Join(names, ", "), "**none**"))
	}
}

func (m Matrix) markdownRight(b *strings.Builder) {
	b.WriteString("\n## Right servers\n\nThey look odd, and are blamed for nothing.\n\n")
	fmt.Fprintf(b, "| server | what is odd | %s |\n|---|---|%s\n", strings.Join(Dialects(), " | "), strings.Repeat("---|", len(Dialects())))
	cells := m.cells()
	row := func(name, sentence string) {
		fmt.Fprintf(b, "| `%s` | %s |", name, sentence)
		for _, d := range Dialects() {
			cell := "—"
			if o, ok := cells[name+"/"+d]; ok {
				cell = or(o.Problem, string(o.Conclusion))
			}
			fmt.Fprintf(b, " %s |", cell)
		}
		b.WriteByte('\n')
	}
	row(Reference, "nothing")
	for _, c := range faulty.Controls() {
		row(c.Name, c.Sentence)
	}
}
