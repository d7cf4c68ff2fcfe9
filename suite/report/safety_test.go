package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/show"
)

// ourColours are the only escape sequences that console text may hold.
var ourColours = regexp.MustCompile("\x1b\\[(0|1|2|31|32|33|36)m")

// checkConsole holds console text to what WriteConsole promises.
func checkConsole(t interface {
	Helper()
	Errorf(string, ...any)
}, text string, o ConsoleOptions) {
	t.Helper()
	if o.Color {
		text = ourColours.ReplaceAllString(text, "")
	}
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	for _, r := range text {
		if r != '\n' && !show.Visible(r) {
			t.Errorf("%q reached the terminal in %q", r, text)
			return
		}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  again ") || i == len(lines)-2 {
			continue
		}
		if n := columns(line); n > o.columns() {
			t.Errorf("%d columns, %d wanted: %q", n, o.columns(), line)
		}
		if line != strings.TrimRight(line, " ") {
			t.Errorf("spaces at the end of %q", line)
		}
	}
}

// anyText generates text of all kinds, hostile kinds among them.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.Just(""),
		rapid.Just(hostileText),
		rapid.StringMatching(`[a-z]{1,12}( [a-z]{1,30}){0,20}`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.IntRange(0, 9000), func(n int) string { return strings.Repeat("é", n) }),
	)
}

func anyBytes() *rapid.Generator[Bytes] {
	return rapid.Custom(func(t *rapid.T) Bytes {
		b := []byte(anyText().Draw(t, "bytes"))
		if rapid.Bool().Draw(t, "right") {
			return Excerpt(b, rapid.Int64().Draw(t, "around"))
		}
		return Bytes{Total: rapid.Int64().Draw(t, "total"), Offset: rapid.Int64().Draw(t, "offset"), Text: b}
	})
}

func anyFailure() *rapid.Generator[*Failure] {
	return rapid.Custom(func(t *rapid.T) *Failure {
		s := func(name string) string { return anyText().Draw(t, name) }
		f := &Failure{
			Ended: &Ended{How: s("how"), Words: s("words")},
			Case:  s("case"), Requirement: s("requirement"), Problem: s("problem"), Delivery: s("delivery"),
			Request: anyBytes().Draw(t, "request"), Cuts: rapid.SliceOfN(rapid.IntRange(-2, 5000), 0, 64).Draw(t, "cuts"),
			Expected: anyBytes().Draw(t, "expected"), Actual: anyBytes().Draw(t, "actual"),
			FirstDifference: rapid.OneOf(rapid.Int64Range(-1, 5000), rapid.Int64()).Draw(t, "at"),
			Ending:          rapid.SampledFrom([]string{"", "fin", "rst", "open", hostileText}).Draw(t, "ending"),
			Failed:          rapid.Int().Draw(t, "failed"), Runs: rapid.Int().Draw(t, "runs"),
			Causes: rapid.SliceOfN(anyText(), 0, 10).Draw(t, "causes"), Again: s("again"),
		}
		kinds := []string{"connect", "send", "cut", "pause", "fin", "reset", "receive", "received-fin", "received-reset", "wait-over", "note", hostileText}
		f.Timeline = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Event {
			return Event{
				AtUS: rapid.Int64().Draw(t, "us"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Text: anyBytes().Draw(t, "text"),
				Count: rapid.Int64().Draw(t, "count"), Confirmed: rapid.Bool().Draw(t, "confirmed"), Conn: rapid.IntRange(-1, 300).Draw(t, "conn"),
			}
		}), 0, 30).Draw(t, "timeline")
		return f
	})
}

func anyResult() *rapid.Generator[Result] {
	return rapid.Custom(func(t *rapid.T) Result {
		s := func(name string) string { return anyText().Draw(t, name) }
		family := rapid.SampledFrom([]string{"LIFE", "FRAM", "ROBU", "HTTP", hostileText}).Draw(t, "family")
		r := Result{
			ID: rapid.OneOf(rapid.Just(family+"-1"), anyText()).Draw(t, "id"), Family: family,
			Level: rapid.SampledFrom([]Level{Must, Should, May, hostileText}).Draw(t, "level"), Title: s("title"),
			Verdict: rapid.SampledFrom([]Verdict{Pass, Pass, Pass, Fail, Warn, Info, Skip, Inconclusive, hostileText}).Draw(t, "verdict"),
			Reason:  s("reason"), Observed: s("observed"), Cases: rapid.Int().Draw(t, "cases"),
			Cuts: Cuts{rapid.IntRange(-1, 1e9).Draw(t, "made"), rapid.Int().Draw(t, "known")}, DurationMS: rapid.Float64().Draw(t, "ms"),
		}
		if rapid.Bool().Draw(t, "evidence") {
			r.Failure = anyFailure().Draw(t, "failure")
		}
		return r
	})
}

func anyReport() *rapid.Generator[*Report] {
	return rapid.Custom(func(t *rapid.T) *Report {
		s := func(name string) string { return anyText().Draw(t, name) }
		r := &Report{
			Tool: Tool{s("tool"), s("version")}, Dialect: s("dialect"), Seed: rapid.Uint64().Draw(t, "seed"),
			Target: Target{Name: s("target"), Kind: s("kind"), Address: s("address"), PID: rapid.Int().Draw(t, "pid"), Serial: rapid.Bool().Draw(t, "serial"), Cuts: s("cuts"), Stderr: s("stderr")},
			Strict: rapid.Bool().Draw(t, "strict"), DurationMS: rapid.Float64().Draw(t, "ms"),
			Trouble: rapid.OneOf(rapid.Just(""), anyText()).Draw(t, "trouble"), Interrupted: rapid.IntRange(0, 3).Draw(t, "interrupted") == 0,
			Notes: rapid.SliceOfN(anyText(), 0, 3).Draw(t, "notes"), Results: rapid.SliceOfN(anyResult(), 0, 5).Draw(t, "results"),
		}
		Conclude(r)
		return r
	})
}

func TestConsoleShowsOnlyVisibleText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport().Draw(t, "report")
		o := ConsoleOptions{Color: rapid.Bool().Draw(t, "color"), Width: rapid.IntRange(30, 200).Draw(t, "width"), Verbose: rapid.Bool().Draw(t, "verbose")}
		var buf bytes.Buffer
		if err := WriteConsole(&buf, r, o); err != nil {
			t.Fatal(err)
		}
		checkConsole(t, buf.String(), o)
	})
}

func TestJUnitAlwaysParses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport().Draw(t, "report")
		var buf bytes.Buffer
		if err := WriteJUnit(&buf, r); err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(buf.Bytes(), utf8.RuneError) && !strings.Contains(reportText(r), "\ufffd") {
			t.Fatalf("U+FFFD was made up")
		}
		dec := xml.NewDecoder(&buf)
		bad := 0
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := tok.(xml.StartElement); ok && (e.Name.Local == "failure" || e.Name.Local == "error") {
				bad++
			}
		}
		if (bad == 0) != (r.Conclusion == Conformant) {
			t.Fatalf("%d failures and errors where the run is %s", bad, r.Conclusion)
		}
	})
}

// reportText is all text of a report, for a look whether something is in it.
func reportText(r *Report) string {
	var s strings.Builder
	add := func(texts ...string) { s.WriteString(strings.Join(texts, "")) }
	add(r.Sentence, r.Tool.Version, r.Target.Name, r.Target.Cuts, r.Dialect, r.Trouble)
	for _, res := range r.Results {
		add(res.ID, res.Family, res.Title, res.Reason, res.Observed)
		if f := res.Failure; f != nil {
			add(f.Case, f.Requirement, f.Problem, f.Delivery, f.Again, strings.Join(f.Causes, ""))
			if f.Ended != nil {
				add(f.Ended.How, f.Ended.Words)
			}
			add(string(f.Request.Text), string(f.Expected.Text), string(f.Actual.Text), f.Ending)
			for _, e := range f.Timeline {
				add(e.Kind, string(e.Text.Text))
			}
		}
	}
	return s.String()
}
