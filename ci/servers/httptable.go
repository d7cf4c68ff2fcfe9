package servers

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
)

// bytesShown bounds the bytes of a reproduction that the table has. What is longer says how long it is.
const bytesShown = 400

// WriteHTTP writes the table of HTTP/1.1 of one run: a row for each server, below it the argument for each verdict that is no pass, and
// the sentences of the RFC on which the arguments rest. The error is that of w.
func WriteHTTP(w io.Writer, all []*Outcome) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# HTTP/1.1 servers\n\nWhat the suite says of %d servers by the dialect `http1`. `ci/servers/run --http` wrote this in one run, on %s.\n\n", len(all), day(all))
	fmt.Fprintf(&b, "A requirement counts as shown where it passes; what cannot be shown of a server, or says only what it does, is not counted.\n"+
		"%s is not judged here: it says of a server's process what [table.md](table.md) has. Each verdict that is no pass is argued below, by\n"+
		"what was seen, the bytes that show it, and [what the RFC says](#what-the-rfc-says).\n\n", elsewhere)
	b.WriteString("| server | version | MUST | SHOULD | fails | warned | cuts |\n|---|---|---|---|---|---|---|\n")
	for _, o := range all {
		b.WriteString(o.HTTPRow() + "\n")
	}
	argued := map[string]bool{}
	for _, o := range all {
		b.WriteString(o.arguments(argued))
	}
	b.WriteString("\n## What the RFC says\n")
	for _, id := range slices.SortedFunc(maps.Keys(argued), byContract) {
		fmt.Fprintf(&b, "\n### %s\n\n%s The contract has it as %s.\n", id, rfc[id], contractLink(id))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// day is when the servers were judged.
func day(all []*Outcome) string {
	var days []string
	for _, o := range all {
		days = append(days, o.Report.Started.UTC().Format("2006-01-02"))
	}
	slices.Sort(days)
	return strings.Join(slices.Compact(days), " and ")
}

// HTTPRow is the server's line of the table of HTTP/1.1.
func (o *Outcome) HTTPRow() string {
	shown, due := map[report.Level]int{}, map[report.Level]int{}
	ids := map[report.Verdict][]string{}
	for _, res := range o.Report.Results {
		switch res.Verdict {
		case report.Skip, report.Info:
			continue
		case report.Pass:
			shown[res.Level]++
		default:
			ids[res.Verdict] = append(ids[res.Verdict], res.ID)
		}
		due[res.Level]++
	}
	warned := append(ids[report.Warn], ids[report.Inconclusive]...)
	return fmt.Sprintf("| %s | %s | %d of %d | %d of %d | %s | %s | %d |", strings.ReplaceAll(o.Server.Title, "|", `\|`), o.Version,
		shown[report.Must], due[report.Must], shown[report.Should], due[report.Should],
		cmp.Or(strings.Join(ids[report.Fail], ", "), "none"), cmp.Or(strings.Join(warned, ", "), "none"), o.Report.Cuts.Made)
}

// arguments are the server's part of what stands below the table: how it is set up, and the argument for each verdict that is no pass. It
// notes in argued which sentences of the RFC it rests on.
func (o *Outcome) arguments(argued map[string]bool) string {
	var b strings.Builder
	h := o.Server.HTTP
	fmt.Fprintf(&b, "\n## %s\n\nVersion %s. Set up: %s.", o.Server.Title, cmp.Or(o.Version, "not told"), h.Setup)
	if h.Skip != "" {
		fmt.Fprintf(&b, " Not judged: %s, since %s.", h.Skip, h.Because)
	}
	b.WriteString("\n\n")
	known := map[string]HTTPWaiver{}
	for _, w := range h.Waivers {
		for _, id := range w.IDs {
			known[id] = w
		}
	}
	none := true
	for _, res := range o.Report.Results {
		switch res.Verdict {
		case report.Pass, report.Skip, report.Info:
			continue
		}
		none = false
		w, ok := known[res.ID]
		fmt.Fprintf(&b, "- **%s**, %s, %s: %s.", res.ID, res.Level, res.Verdict, printable(res.Reason))
		switch {
		case !ok:
			b.WriteString(" Nobody expected it.")
		case w.Remark != "":
			fmt.Fprintf(&b, " %s.", w.Remark)
		}
		b.WriteString(reproduction(res.Failure))
		by := w.By
		if len(by) == 0 && rfc[res.ID] != "" {
			by = []string{res.ID}
		}
		var links []string
		for _, id := range by {
			argued[id] = true
			links = append(links, fmt.Sprintf("[%s](#%s)", id, anchor(id)))
		}
		if links == nil {
			fmt.Fprintf(&b, " The contract: %s.", contractLink(res.ID))
		} else {
			fmt.Fprintf(&b, " The RFC: %s.", strings.Join(links, ", "))
		}
		b.WriteString("\n")
	}
	if none {
		b.WriteString("Nothing is broken or warned.\n")
	}
	return b.String()
}

// reproduction says what was sent, and how; "" where no exchange shows the failure.
func reproduction(f *report.Failure) string {
	if f == nil || f.Request.Total == 0 {
		return ""
	}
	text, more := f.Request.Text, ""
	if len(text) > bytesShown || f.Request.Total > int64(len(text)) {
		text, more = text[:min(len(text), bytesShown)], fmt.Sprintf(", of %d bytes the first here", f.Request.Total)
		if f.Request.Offset > 0 {
			more = fmt.Sprintf(", of %d bytes those from byte %d on", f.Request.Total, f.Request.Offset+1)
		}
	}
	return fmt.Sprintf(" Sent, %s%s: %s.", f.Delivery, more, code(show.Bytes(text)))
}

// code returns text as code of Markdown, whatever marks are in it.
func code(text string) string {
	ticks := "`"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	if len(ticks) > 1 {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// printable returns what a run says in words, so that Markdown takes none of it for its own.
func printable(text string) string {
	return strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;", "`", "\\`").Replace(text)
}

// contractLink names the requirement, and leads to its page of the contract.
func contractLink(id string) string {
	r, _ := suite.Lookup(id)
	return fmt.Sprintf("[%s](../../suite/contract.md#%s)", id, anchor(fmt.Sprintf("%s (%s): %s", r.ID, r.Level, r.Title)))
}

var unanchored = regexp.MustCompile(`[^\w\- ]`)

// anchor is the name that a heading of Markdown has on a page.
func anchor(heading string) string {
	return strings.ReplaceAll(unanchored.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// byContract compares ids of requirements by their place in the contract.
func byContract(a, b string) int {
	place := func(id string) int {
		return slices.IndexFunc(suite.Catalogue(), func(r suite.Requirement) bool { return r.ID == id })
	}
	return cmp.Compare(place(a), place(b))
}
