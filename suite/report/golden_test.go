package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/show"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs (go test -update writes it anew): %s", path, firstChange(string(want), string(got)))
	}
}

// firstChange is the first line in which two texts differ.
func firstChange(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %q\n got %q", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, not %d", len(g), len(w))
}

func consoleText(t *testing.T, r *Report, o ConsoleOptions) string {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteConsole(&buf, r, o); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestConsoleGolden(t *testing.T) {
	strict := serialRun()
	strict.Strict = true
	runs := []struct {
		name   string
		report *Report
	}{
		{"right", rightRun()}, {"failing", failingRun()}, {"waived", waivedRun()}, {"serial", serialRun()}, {"strict", strict},
		{"trouble", troubledRun()}, {"interrupted", interruptedRun()}, {"hostile", hostileRun()},
	}
	for _, run := range runs {
		Conclude(run.report)
		for _, o := range []ConsoleOptions{{Width: 40}, {Width: 80}, {Width: 120}, {Width: 160, Verbose: true, Color: true}} {
			name := fmt.Sprintf("%s-%d.txt", run.name, o.Width)
			t.Run(name, func(t *testing.T) {
				text := consoleText(t, run.report, o)
				golden(t, name, []byte(text))
				checkConsole(t, text, o)
				if last := lastLine(text); !o.Color && last != show.Prose(run.report.Sentence) {
					t.Errorf("the last line is %q", last)
				}
			})
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}

func TestJUnitGolden(t *testing.T) {
	var buf bytes.Buffer
	if err := WriteJUnit(&buf, concluded(failingRun())); err != nil {
		t.Fatal(err)
	}
	golden(t, "failing.xml", buf.Bytes())
}

func TestJSONGolden(t *testing.T) {
	var buf bytes.Buffer
	if err := WriteJSON(&buf, concluded(serialRun())); err != nil {
		t.Fatal(err)
	}
	golden(t, "serial.json", buf.Bytes())
}
