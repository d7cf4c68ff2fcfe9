package servers

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/streamspec/streamspec/suite/report"
)

// Broken says what is waived of the server, and why, in one line.
func (s *Server) Broken() string {
	var parts []string
	for _, w := range s.Waivers {
		word := "broken"
		switch w.Verdict {
		case report.Warn:
			word = "warned"
		case report.Inconclusive:
			word = "inconclusive"
		}
		parts = append(parts, fmt.Sprintf("%s %s: %s", strings.Join(w.IDs, ", "), word, w.Reason))
	}
	if s.Skip != "" {
		parts = append(parts, fmt.Sprintf("%s not judged: %s", s.Skip, s.Because))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// Evidence is the failure to begin with as the console has it; "" where nothing is broken.
func (o *Outcome) Evidence() string {
	for _, res := range o.Report.Results {
		if res.ID == o.Report.First {
			text := report.FailureText(res, report.ConsoleOptions{Width: 100})
			return folder.ReplaceAllString(started.ReplaceAllString(text, ""), "ci/servers/start")
		}
	}
	return ""
}

// started finds how a server was started, in folders that are others each time.
var started = regexp.MustCompile(`\S*/start\s+\{host\}\s+\{port\}\s+\S+\s+`)

// folder finds the script that starts servers by the folder that it is in on this machine.
var folder = regexp.MustCompile(`/\S*/ci/servers/start\b`)

// Row is the server's line of the table.
func (o *Outcome) Row() string {
	cells := []string{o.Server.Title, o.Version, o.Server.Dialect, o.Report.Sentence, o.Server.Broken()}
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// TableHead begins the table of [WriteMarkdown].
const TableHead = "| server | version | dialect | the suite's last line | what is broken or warned, and why |\n|---|---|---|---|---|\n"

// WriteMarkdown writes the table, and below it the shortest reproduction of what each server breaks first. The error is that of w.
func WriteMarkdown(w io.Writer, all []*Outcome) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Real servers\n\nWhat the suite says of %d servers that people run, of adapters and readers in several languages, and of known-bad\ncontrols. `ci/servers/run` wrote this on %s. What is broken has its reason from the server's source or its\ndocumentation, or was seen by hand without the suite. Below the table is the shortest reproduction of what each\nserver breaks first.\n\n", len(all), time.Now().UTC().Format(time.DateOnly))
	b.WriteString(TableHead)
	for _, o := range all {
		b.WriteString(o.Row() + "\n")
	}
	for _, o := range all {
		if text := o.Evidence(); text != "" && !o.Server.Control {
			fmt.Fprintf(&b, "\n### %s\n\n```text\n%s```\n", o.Server.Title, text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("table").Parse(page))

// WriteHTML writes the same as a page that needs nothing else. The error is that of w.
func WriteHTML(w io.Writer, all []*Outcome) error { return pageTemplate.Execute(w, all) }
