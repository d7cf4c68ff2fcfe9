package report

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

// causesLimit bounds the causes that are listed.
const causesLimit = 8

// FailureText is the evidence of r as text: what is required, what went wrong,
// what was sent, expected and received, how it ended, and how to see it again.
// It ends with a line end. A result without evidence gives its reason alone.
func FailureText(r Result, o ConsoleOptions) string {
	b := &block{o: o}
	b.heading(r)
	if r.Waived != nil {
		b.say("waived", strings.TrimPrefix(r.Waived.words(), "waived: "))
	}
	if f := r.Failure; f != nil {
		b.evidence(r, f)
	} else {
		b.say("reason", r.Reason)
		b.say("observed", r.Observed)
	}
	return b.buf.String()
}

// PlayText is what was sent and received on one connection as text, with nothing said of what is required of it: for an
// exchange that was right. It ends with a line end.
func PlayText(f *Failure, o ConsoleOptions) string {
	b := &block{o: o}
	b.say("delivery", f.Delivery)
	b.sent(f)
	b.answers(f)
	b.say("ended", ending(f.Ending))
	b.timeline(f.Timeline)
	return b.buf.String()
}

// heading is the mark, the id and the title.
func (b *block) heading(r Result) {
	mark, k := b.o.mark(r.Verdict)
	id := shorten(show.Prose(r.ID), idLimit)
	indent := 2 + columns(id) + 2
	lines := wrap(show.Prose(r.Title), b.o.columns()-indent)
	b.line(b.o.in(k, mark) + " " + b.o.in(bold, id) + "  " + b.o.in(bold, lines[0]))
	for _, line := range lines[1:] {
		b.line(strings.Repeat(" ", indent) + b.o.in(bold, line))
	}
}

// words say why it may be broken, where that is told, and for how long.
func (w *Waived) words() string {
	words := "waived: " + w.Reason
	if w.Link != "" {
		words += " (" + w.Link + ")"
	}
	if w.Until != "" {
		words += ", until " + w.Until
	}
	return words
}

func (b *block) evidence(r Result, f *Failure) {
	b.say(levelLabel(r.Level), f.Requirement)
	b.say("problem", f.Problem)
	b.say("proof", f.Proof)
	if r.Reason != f.Problem {
		b.say("reason", r.Reason)
	}
	b.say("observed", r.Observed)
	b.say("case", f.Case)
	b.say("delivery", f.Delivery)
	b.sent(f)
	b.answers(f)
	b.say("ended", ending(f.Ending))
	b.server(f.Ended)
	b.say("repeats", repeats(f))
	b.timeline(f.Timeline)
	b.causes(f.Causes)
	b.again(f.Again)
}

// levelLabel is the level, or what stands for one that does not exist.
func levelLabel(l Level) string {
	switch l {
	case Must, Should, May:
		return string(l)
	}
	return "required"
}

// ending says how the connection ended.
func ending(how string) string {
	switch how {
	case "":
		return ""
	case "fin":
		return "the server closed the connection (FIN)"
	case "rst":
		return "the server reset the connection (RST)"
	case "open":
		return "the connection was still open when the wait was over"
	}
	return how
}

// lastWordsLimit bounds the lines of a server's last words that are shown.
const lastWordsLimit = 40

// server is how the server ended, with its last words under it, line for line: a stack trace is read by its lines.
func (b *block) server(e *Ended) {
	if e == nil {
		return
	}
	b.say("server", "ended: "+e.How)
	if e.Words == "" {
		return
	}
	lines := strings.Split(e.Words, "\n")
	for _, s := range lines[:min(len(lines), lastWordsLimit)] {
		s = show.Prose(strings.ReplaceAll(s, "\t", "    "))
		text := strings.TrimLeft(s, " ")
		indent := strings.Repeat(" ", min(len(s)-len(text), b.room()/2))
		for _, part := range wrap(text, b.room()-2-len(indent)) {
			b.row("", b.o.in(dim, "| "+indent+part))
		}
	}
	if len(lines) > lastWordsLimit {
		b.row("", b.o.in(dim, "| …"))
	}
}

// Rare says whether the failure was seen in less than half of the runs of the same delivery: what it hangs on is not in that.
func (f *Failure) Rare() bool { return f.Failed > 0 && 2*f.Failed < f.Runs }

// repeats says how often the same delivery failed.
func repeats(f *Failure) string {
	switch {
	case f.Runs < 1:
		return ""
	case f.Runs == 1 && f.Failed == 1:
		return "failed the one time it ran"
	case f.Rare():
		return fmt.Sprintf("failed %s of %s: it hangs on more than the bytes and how they are cut", show.Count(f.Failed), show.CountOf(f.Runs, "time"))
	}
	return fmt.Sprintf("failed %s of %s", show.Count(f.Failed), show.CountOf(f.Runs, "time"))
}

func (b *block) causes(causes []string) {
	if len(causes) == 1 {
		b.say("usually", causes[0])
		return
	}
	label := "usually"
	for _, c := range causes[:min(len(causes), causesLimit)] {
		for i, line := range wrap(show.Prose(c), b.room()-2) {
			b.row(label, []string{"- ", "  "}[min(i, 1)]+line)
			label = ""
		}
	}
}

// again shows the command on one line, however long, so that it can be copied.
func (b *block) again(command string) {
	if command != "" {
		b.row("again", b.o.in(cyan, show.Prose(command)))
	}
}

// problem is what went wrong with r, in one sentence.
func problem(r Result) string {
	if r.Failure != nil && r.Failure.Problem != "" {
		return r.Failure.Problem
	}
	return r.Reason
}
