package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

// junitWidth is the width of the evidence in the JUnit report.
const junitWidth = 100

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitMessage `xml:"skipped"`
	Error     *junitMessage `xml:"error"`
	Failure   *junitMessage `xml:"failure"`
	Out       *junitText    `xml:"system-out"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// WriteJUnit writes r, which was concluded, as JUnit XML: a testsuite for each
// family, a testcase for each requirement. What is broken is a failure, with the
// evidence as its text; what is waived is skipped, with the evidence as system-out; an inconclusive requirement that binds is an error, any
// other inconclusive one skipped; a warn is a failure under strict, else
// system-out. A run that came to no verdict, or not to what was expected, has an error of its own besides. So
// there is a failure or an error where the run is not conformant, and only there.
func WriteJUnit(w io.Writer, r *Report) error {
	all := junitSuites{Name: "streamspec", Time: seconds(r.DurationMS)}
	if s, ok := runSuite(r); ok {
		all.add(s)
	}
	for _, f := range byFamily(r.Results) {
		all.add(familySuite(r, f))
	}
	var buf bytes.Buffer
	buf.WriteString(xml.Header)
	enc := xml.NewEncoder(&buf)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("the JUnit report: %w", err)
	}
	buf.WriteByte('\n')
	_, err := w.Write(buf.Bytes())
	return err
}

func (all *junitSuites) add(s junitSuite) {
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Suites = append(all.Suites, s)
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// newSuite is a suite without its cases.
func newSuite(r *Report, name string) junitSuite {
	s := junitSuite{Name: show.Prose(name), Properties: []junitProperty{
		{"target", show.Prose(r.Target.Name)},
		{"dialect", show.Prose(r.Dialect)},
		{"seed", fmt.Sprint(r.Seed)},
		{"strict", fmt.Sprint(r.Strict)},
		{"cuts", show.Prose(r.Target.Cuts)},
		{"streamspec", show.Prose(r.Tool.Version)},
	}}
	if y := r.Started.UTC().Year(); y > 1 && y <= 9999 {
		s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

// runSuite is the one testcase of a run as a whole that came to no verdict, was
// interrupted, or had trouble.
func runSuite(r *Report) (s junitSuite, ok bool) {
	m := junitMessage{Type: "no verdict", Message: r.Sentence}
	switch {
	case r.Trouble != "":
		m.Type, m.Message = "trouble", r.Trouble
	case r.Interrupted:
		m.Type = "interrupted"
	case len(r.Unexpected) > 0 && r.Conclusion == NotConformant:
		m.Type, m.Message = "not as expected", strings.Join(r.Unexpected, "; ")
	case r.Conclusion != NoVerdict:
		return s, false
	}
	var text strings.Builder
	for _, u := range r.Unexpected {
		text.WriteString(show.Prose(u) + "\n")
	}
	if r.Trouble != "" {
		text.WriteString(strings.Join(show.Paragraphs(r.Trouble), "\n") + "\n")
	}
	text.WriteString(show.Prose(r.Sentence) + "\n")
	m.Message = show.Prose(m.Message)
	m.Text = text.String()
	s = newSuite(r, "run")
	s.Time = seconds(r.DurationMS)
	s.add(junitCase{Name: "the run", Classname: classname(r.Dialect, "run"), Time: s.Time, Error: &m})
	return s, true
}

// familySuite is a family with its requirements.
func familySuite(r *Report, f family) junitSuite {
	s := newSuite(r, strings.TrimSpace(f.code+" "+familyName(f.code)))
	ms := 0.0
	for _, res := range f.results {
		ms += res.DurationMS
		s.add(requirementCase(r, res))
	}
	s.Time = seconds(ms)
	return s
}

// requirementCase is a requirement with its verdict.
func requirementCase(r *Report, res Result) junitCase {
	c := junitCase{
		Name:      show.Prose(strings.TrimSpace(res.ID + " " + res.Title)),
		Classname: classname(r.Dialect, res.Family),
		Time:      seconds(res.DurationMS),
	}
	evidence := func(kind string) *junitMessage {
		text := FailureText(res, ConsoleOptions{Width: junitWidth, Strict: r.Strict})
		return &junitMessage{Type: kind, Message: show.Prose(problem(res)), Text: "\n" + text}
	}
	switch {
	case res.Waived != nil:
		c.Skipped = &junitMessage{Message: show.Prose(res.Waived.words())}
		c.Out = &junitText{evidence("").Text}
	case res.broken(r.Strict):
		c.Failure = evidence(levelLabel(res.Level))
	case res.Verdict == Warn:
		c.Out = &junitText{evidence("").Text}
	case res.Verdict == Skip:
		c.Skipped = &junitMessage{Message: show.Prose(res.Reason)}
	case res.Verdict == Pass, res.Verdict == Info:
		if shown := shownBy(res); shown != "" {
			c.Out = &junitText{shown}
		}
	case res.binds(r.Strict):
		c.Error = evidence("inconclusive")
	default:
		c.Skipped = &junitMessage{Message: strings.TrimSuffix("inconclusive: "+show.Prose(problem(res)), ": ")}
	}
	return c
}

// shownBy says what a pass rests on, and what was observed.
func shownBy(res Result) string {
	var parts []string
	if res.Cases > 0 {
		parts = append(parts, show.CountOf(res.Cases, "case"))
	}
	if n := res.Cuts.Made; n > 0 {
		parts = append(parts, fmt.Sprintf("%s, %s confirmed", show.CountOf(n, "cut"), show.Count(res.Cuts.Confirmed)))
	}
	if res.Observed != "" {
		parts = append(parts, show.Prose(res.Observed))
	}
	return strings.Join(parts, "; ")
}

// classname is the place of a testcase in a tree whose separator is the dot.
func classname(dialect, family string) string {
	part := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
				return r
			}
			return '_'
		}, s)
	}
	return "streamspec." + part(dialect) + "." + part(family)
}

// seconds writes milliseconds as JUnit's seconds.
func seconds(ms float64) string {
	if !(ms > 0) || math.IsInf(ms, 0) {
		ms = 0
	}
	return fmt.Sprintf("%.3f", ms/1000)
}
