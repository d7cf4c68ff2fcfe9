package targets

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
)

// FuzzReport reads JSON reports: one that is read is written as what is read
// again as the same, and can be shown. Escape and Unescape take the bytes too.
func FuzzReport(f *testing.F) {
	for _, text := range []string{
		"", "{}", `{"schema":"streamspec/1","conclusion":"no verdict","results":[]}`,
		`{"schema":"streamspec/1","conclusion":"conformant","results":[{"id":"A-1","level":"MUST","verdict":"pass"}]}`,
		`\n\r\t\\\"\x00\u2028`, "\xff\"\\\u202e",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > mostText {
			return
		}
		escaped := show.Bytes(text)
		if back, err := show.Parse(escaped); err != nil || !bytes.Equal(back, text) {
			t.Fatalf("%q is escaped as %s, and that comes back as %q, %v", text, escaped, back, err)
		}
		if raw, err := show.Parse(string(text)); err == nil {
			if again, err := show.Parse(show.Bytes(raw)); err != nil || !bytes.Equal(again, raw) {
				t.Fatalf("%s stands for %q, and that comes back as %q, %v", text, raw, again, err)
			}
		}
		r, err := report.ReadJSON(bytes.NewReader(text))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := report.WriteJSON(&first, r); err != nil {
			t.Fatalf("%s is read, and cannot be written: %v", text, err)
		}
		again, err := report.ReadJSON(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%s is written as %s, and that is refused: %v", text, first.Bytes(), err)
		}
		if err := report.WriteJSON(&second, again); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("%s is written as %s, and that as %s, %v", text, first.Bytes(), second.Bytes(), err)
		}
		if got, want := excerpts(again), excerpts(r); got != want {
			t.Fatalf("%s has the excerpts %s, and comes back with %s", text, want, got)
		}
		if err := report.WriteConsole(io.Discard, r, report.ConsoleOptions{Width: 80}); err != nil {
			t.Fatalf("%s cannot be shown: %v", text, err)
		}
		if err := report.WriteJUnit(io.Discard, r); err != nil {
			t.Fatalf("%s cannot be written as JUnit: %v", text, err)
		}
	})
}

// excerpts are those of a report's evidence, in words.
func excerpts(r *report.Report) (all string) {
	for _, res := range r.Results {
		if f := res.Failure; f != nil {
			all += fmt.Sprintf("%v %v %v ", f.Request, f.Expected, f.Actual)
			for _, e := range f.Timeline {
				all += fmt.Sprintf("%v ", e.Text)
			}
		}
	}
	return all
}
