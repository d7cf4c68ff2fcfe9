package judge_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// holdEvidence holds what a person reads of a mistake: the text must name the mistake, show
// the bytes and the cut that show it, and the first wrong byte. go test -update writes it anew.
func holdEvidence(t *testing.T, fault string, rep *report.Report) {
	t.Helper()
	if rep.First == "" {
		t.Fatalf("nothing is broken: %s", judgetest.Told(rep))
	}
	res := judgetest.Result(t, rep, rep.First)
	got := lasting(report.FailureText(res, report.ConsoleOptions{Width: 100}))
	if rep.Likely != "" {
		got += "\nlikely cause: " + rep.Likely + "\n"
	}
	path := filepath.Join("testdata", "evidence", fault+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Where there was no time to ask three times, or a slow server was given longer, the text says so.
	if slow := res.DurationMS > 1000; got != string(want) && (!slow || hurried(got) != hurried(string(want))) {
		t.Errorf("the evidence differs from %s (go test -update writes it anew):\n%s", path, got)
	}
}

var update = flag.Bool("update", false, "write what a person reads of mistakes anew")

// lasting leaves out of a failure's text what may be another thing each time: the timeline, ports, and how a stream ended
// that was not waited for to the end.
func lasting(text string) string {
	var kept []string
	skipping := false
	for line := range strings.Lines(text) {
		label := strings.TrimSpace(line[:min(len(line), 10)])
		switch {
		case label == "timeline" || label == "ended" && strings.Contains(text, "the answer is wrong"):
			skipping = true
		case label != "" && strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   "):
			skipping = false
		}
		if !skipping {
			kept = append(kept, ports.ReplaceAllString(line, "127.0.0.1:PORT"))
		}
	}
	return strings.Join(kept, "")
}

// hurried leaves out of a failure's text how often it was seen, where each time failed, and how long was waited.
func hurried(text string) string {
	text = repeats.ReplaceAllStringFunc(text, func(line string) string {
		if m := repeats.FindStringSubmatch(line); m[1] != m[2] {
			return line
		}
		return "  repeats   failed each time"
	})
	return waited.ReplaceAllString(text, "within WAIT")
}

var (
	ports   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	waited  = regexp.MustCompile(`within \d[\d.ms]+`)
	repeats = regexp.MustCompile(`(?m)^  repeats   failed (?:the one time it ran|(\d) of (\d) times)$`)
)
