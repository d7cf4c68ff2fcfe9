package suite

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestEvidence holds what a person reads of ten mistakes of different kinds: the text must name the mistake, show
// the bytes and the cut that show it, and the first wrong byte. go test -update writes it anew.
func TestEvidence(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a run for every fault")
	}
	for _, c := range []struct{ fault, dialect, only string }{
		{"read-is-message", "line", "FRAM"},
		{"crlf-split", "line", "FRAM"},
		{"decode-each-read", "line", "FRAM"},
		{"lose-byte-4k", "echo", "FRAM"},
		{"first-line-only", "line", "FRAM"},
		{"unicode-strip", "line", "LINE"},
		{"last-line-dropped", "line", "LINE"},
		{"replacement", "line", "CODE"},
		{"unemptied", "script", "SEND"},
		{"eof-loses", "line", "FRAM-1,CLOS"},
		{"never-closes", "echo", "LIFE-1..3"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			cfg := inProcess(t, c.fault, c.dialect)
			cfg.Only, cfg.Seed = c.only, 1
			rep := judge(t, cfg)
			if rep.First == "" {
				t.Fatalf("nothing is broken: %s", told(rep))
			}
			got := lasting(report.FailureText(result(t, rep, rep.First), report.ConsoleOptions{Width: 100}))
			if rep.Likely != "" {
				got += "\nlikely cause: " + rep.Likely + "\n"
			}
			path := filepath.Join("testdata", "evidence", c.fault+".txt")
			if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
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
			if got != string(want) {
				t.Errorf("the evidence differs from %s (go test -update writes it anew):\n%s", path, got)
			}
		})
	}
}

// lasting leaves out of a failure's text what is another thing each time: the timeline, and ports.
func lasting(text string) string {
	var kept []string
	skipping := false
	for line := range strings.Lines(text) {
		label := strings.TrimSpace(line[:min(len(line), 10)])
		switch {
		case label == "timeline":
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

var ports = regexp.MustCompile(`127\.0\.0\.1:\d+`)
