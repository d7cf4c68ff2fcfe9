package pair

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/show"
)

// Schema is the version of the JSON report of a pair.
const Schema = "streamspec-pair/1"

// A Report is all that a pair came to.
type Report struct {
	Front, Back, Recorder string
	Notes                 []string
	Results               []Result
	Stopped               string // why not all messages were sent; "" where all were
}

// count counts the results of which something is so.
func (r *Report) count(is func(*Result) bool) (n int) {
	for i := range r.Results {
		if is(&r.Results[i]) {
			n++
		}
	}
	return n
}

func (r *Report) with(o Outcome) int {
	return r.count(func(res *Result) bool { return res.Outcome == o })
}

// A Verdict is what a pair comes to.
type Verdict string

// The verdicts, by which a run ends with the status 0, 1 and 3.
const (
	Conformant    Verdict = "conformant"
	NotConformant Verdict = "not conformant"
	NoVerdict     Verdict = "no verdict"
)

// Verdict is what the results come to. A front end that sends nothing on of what is formed as the RFC says shows nothing.
func (r *Report) Verdict() Verdict {
	shown := r.count(func(res *Result) bool {
		return res.Message.Valid && (res.Outcome == Alike || res.Outcome == Closed)
	})
	switch {
	case r.count((*Result).Failed) > 0:
		return NotConformant
	case r.Stopped != "" || r.with(Unknown) > 0 || shown == 0:
		return NoVerdict
	}
	return Conformant
}

// last is the line that says all.
func (r *Report) last() string {
	of := show.CountOf(len(r.Results), "message")
	switch r.Verdict() {
	case NotConformant:
		must := r.count(func(res *Result) bool { return len(res.Must) > 0 })
		return fmt.Sprintf("not conformant (SMUG-8): over %d of %s the two part; %d the front end must not have sent on so", r.with(Parted), of, must)
	case NoVerdict:
		switch {
		case r.Stopped != "":
			return "no verdict: " + r.Stopped
		case r.with(Unknown) > 0:
			return fmt.Sprintf("no verdict: of %d of %s it is not known what becomes of them", r.with(Unknown), of)
		}
		return "no verdict: the front end sends nothing on, of what is formed as RFC 9112 says neither: see that it lets POST and GET of this path through (--path)"
	}
	return fmt.Sprintf("conformant (SMUG-8): the two agree over %s", of)
}

// WriteConsole writes the report for people. With verbose, what each message came to has a line.
func (r *Report) WriteConsole(w io.Writer, verbose bool) error {
	var b bytes.Buffer
	paragraph(&b, "", "streamspec pair · front "+r.Front+" · back "+r.Back+" · recorder "+r.Recorder)
	for i := range r.Results {
		r.Results[i].write(&b, verbose)
	}
	for _, note := range r.Notes {
		paragraph(&b, "note: ", note)
	}
	sentOn := len(r.Results) - r.with(Refused) - r.with(Unknown)
	paragraph(&b, "", fmt.Sprintf("%s: %d refused by the front end, %d sent on: %d end alike, %d the back end refuses or closes behind, %d part",
		show.CountOf(len(r.Results), "message"), r.with(Refused), sentOn, r.with(Alike), r.with(Closed), r.with(Parted)))
	paragraph(&b, "", r.last())
	_, err := w.Write(b.Bytes())
	return err
}

// write shows a result, and its bytes where it failed.
func (r *Result) write(b *bytes.Buffer, verbose bool) {
	mark := map[string]string{"pass": "✓", "fail": "✗", "warn": "!", "inconclusive": "?"}[r.verdict()]
	if mark == "✓" && !verbose {
		return
	}
	word := map[Outcome]string{Refused: "refused by the front end", Alike: "ended alike", Closed: "refused by the back end, or closed behind", Parted: "the two part", Unknown: "not known"}[r.Outcome]
	if r.Outcome == Refused && len(r.Statuses) > 0 {
		word += fmt.Sprintf(" (%d)", r.Statuses[0])
	}
	paragraph(b, mark+" ", fmt.Sprintf("%s (%s): %s", r.Message.Name, r.Message.Requirement, word))
	for _, must := range r.Must {
		paragraph(b, "  front     ", must)
	}
	if r.Ought != "" {
		paragraph(b, "  sent on   ", "though "+r.Ought)
	}
	if r.Why != "" {
		paragraph(b, "  because   ", r.Why)
	}
	for _, reading := range r.Readings {
		paragraph(b, "  reading   ", reading)
	}
	if r.Failed() {
		listing(b, "  sent      ", r.Sent)
		listing(b, "  sent on   ", r.SentOn)
	}
}

// width is how many columns a line has.
const width = 80

// paragraph writes a text in lines, the first behind a label, and the others below it.
func paragraph(b *bytes.Buffer, label, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(label))
	at := 0
	b.WriteString(label)
	for word := range strings.FieldsSeq(show.Prose(text)) {
		for word != "" {
			room := width - len(indent)
			n := utf8.RuneCountInString(word)
			if at > 0 && at+1+n > room {
				b.WriteString("\n" + indent)
				at = 0
			}
			if at > 0 {
				b.WriteByte(' ')
				at++
			}
			part := []rune(word)
			part = part[:min(len(part), room)]
			b.WriteString(string(part))
			at += len(part)
			word = word[len(string(part)):]
		}
	}
	b.WriteByte('\n')
}

// listing writes bytes, a line of theirs on a line, each with its offset.
func listing(b *bytes.Buffer, label string, what []byte) {
	const lines, most = 20, 52
	at := 0
	for i := 0; at < len(what); i++ {
		if i == lines {
			fmt.Fprintf(b, "%s       and %s more\n", label, show.CountOf(len(what)-at, "byte"))
			return
		}
		end := len(what)
		if n := bytes.IndexByte(what[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		text, from := "", at
		for at < end {
			next, size := show.Next(what[at:end])
			if utf8.RuneCountInString(text+next) > most {
				break
			}
			text += next
			at += size
		}
		fmt.Fprintf(b, "%s%5d  \"%s\"\n", label, from, text)
		label = strings.Repeat(" ", len(label))
	}
}

// verdict is what the message came to, in the words of a report.
func (r *Result) verdict() string {
	switch {
	case r.Failed():
		return "fail"
	case r.Outcome == Unknown:
		return "inconclusive"
	case r.Ought != "":
		return "warn"
	}
	return "pass"
}

// MarshalJSON writes what the message came to, its bytes as [show.Bytes] has them.
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name        string   `json:"name"`
		Requirement string   `json:"requirement"`
		Verdict     string   `json:"verdict"`
		Outcome     Outcome  `json:"outcome"`
		Statuses    []int    `json:"front_statuses,omitempty"`
		Must        []string `json:"front_must_not,omitempty"`
		Ought       string   `json:"malformed,omitempty"`
		Readings    []string `json:"readings,omitempty"`
		Reason      string   `json:"reason,omitempty"`
		Sent        string   `json:"sent"`
		SentOn      string   `json:"sent_on,omitempty"`
	}{r.Message.Name, r.Message.Requirement, r.verdict(), r.Outcome, r.Statuses, r.Must, r.Ought, r.Readings, r.Why, show.Bytes(r.Sent), show.Bytes(r.SentOn)})
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	results := r.Results
	if results == nil {
		results = []Result{}
	}
	return enc.Encode(struct {
		Schema     string         `json:"schema"`
		Front      string         `json:"front"`
		Back       string         `json:"back"`
		Recorder   string         `json:"recorder"`
		Conclusion Verdict        `json:"conclusion"`
		Reason     string         `json:"reason,omitempty"`
		Summary    map[string]int `json:"summary"`
		Notes      []string       `json:"notes,omitempty"`
		Results    []Result       `json:"results"`
	}{Schema, r.Front, r.Back, r.Recorder, r.Verdict(), r.Stopped, map[string]int{
		"messages": len(r.Results), string(Refused): r.with(Refused), string(Alike): r.with(Alike), string(Closed): r.with(Closed),
		string(Parted): r.with(Parted), string(Unknown): r.with(Unknown),
		"front_must_not": r.count(func(res *Result) bool { return len(res.Must) > 0 }),
	}, r.Notes, results})
}
