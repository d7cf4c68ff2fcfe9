package main_test

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite"
)

func TestList(t *testing.T) {
	o := call(t, "list")
	if o.status != 0 || o.stderr != "" {
		t.Fatalf("status %d, %q", o.status, o.stderr)
	}
	for _, r := range suite.Catalogue() {
		if !strings.Contains(o.stdout, r.ID+" ") || !strings.Contains(o.stdout, r.Title) {
			t.Errorf("%s is not listed", r.ID)
		}
	}
	if o := call(t, "list", "--dialect", "echo"); strings.Contains(o.stdout, "SEND-1") || !strings.Contains(o.stdout, "FLOW-3") {
		t.Errorf("of echo it lists %s", o.stdout)
	}
	if o := call(t, "list", "--faults", "--dialect", "echo"); strings.Contains(o.stdout, "early-send") || !strings.Contains(o.stdout, "read-is-message") {
		t.Errorf("of echo's faults it lists %s", o.stdout)
	}
}

func TestExplain(t *testing.T) {
	for _, r := range suite.Catalogue() {
		if !strings.HasSuffix(r.ID, "-1") {
			continue
		}
		o := call(t, "explain", strings.ToLower(r.ID))
		for _, text := range append([]string{r.ID, r.Sentence, r.Rationale, r.Citation, rules.Of(r.ID)[0].ID}, r.Causes...) {
			if o.status != 0 || !strings.Contains(o.stdout, text) {
				t.Errorf("explain %s: status %d, no %q in %s", r.ID, o.status, text, o.stdout)
			}
		}
	}
	if o := call(t, "explain", "send"); o.status != 0 || strings.Count(o.stdout, "Why ") != 8 {
		t.Errorf("explain send: status %d, %s", o.status, o.stdout)
	}
}

func TestVersionAndHelp(t *testing.T) {
	if o := call(t, "version"); o.status != 0 || !strings.HasPrefix(o.stdout, "streamspec ") || !strings.Contains(o.stdout, runtime.Version()) || strings.Count(o.stdout, "\n") != 1 {
		t.Errorf("version: status %d, %q", o.status, o.stdout)
	}
	calls := [][]string{{}, {"--help"}, {"help", "probe"}}
	_, commands, _ := strings.Cut(call(t, "--help").stdout, "Available Commands:\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	for line := range strings.Lines(commands) {
		calls = append(calls, []string{strings.Fields(line)[0], "--help"})
	}
	if len(calls) < 14 {
		t.Errorf("commands are missing: %q", calls)
	}
	for _, args := range calls {
		o := call(t, args...)
		if o.status != 0 || !strings.Contains(o.stdout, "streamspec") || o.stderr != "" {
			t.Errorf("%q: status %d, stderr %q", args, o.status, o.stderr)
		}
		if strings.Contains(o.stdout, "ginkgo") || strings.Contains(o.stdout, "rapid.") {
			t.Errorf("%q shows flags of test libraries: %s", args, o.stdout)
		}
		for line := range strings.Lines(o.stdout) {
			if n := utf8.RuneCountInString(line) - 1; n > 100 {
				t.Errorf("%q has a line of %d columns: %s", args, n, line)
			}
		}
	}
}
