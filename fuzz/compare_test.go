package fuzz_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/fuzz"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/target"
)

// speaking serves HTTP/1.1 with a fault, or as a right server that looks odd.
func speaking(t *testing.T, name string) *target.Target {
	t.Helper()
	s, err := faulty.NewServer(name, "http1", reference.Config{})
	if err != nil {
		s, err = faulty.NewControl(name, "http1", reference.Config{})
	}
	if err != nil {
		t.Fatal(err)
	}
	tg, err := target.Serve(s.Serve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		tg.Close(context.Background())
	})
	return tg
}

// TestCompare: what two servers frame otherwise is found, told once as it is found, and by what shows it.
func TestCompare(t *testing.T) {
	t.Parallel()
	posts := suite.HTTP{PostPath: "/echo"}
	var found []fuzz.Difference
	got, err := fuzz.Compare(t.Context(), fuzz.CompareConfig{
		Targets: [2]*target.Target{speaking(t, "length-over-chunked"), speaking(t, "lenient")}, HTTP: posts, Seed: 1, Draws: 400, Timeout: 300 * time.Millisecond,
		Found: func(d fuzz.Difference) { found = append(found, d) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Draws != 400 || got.Trouble != "" || got.Interrupted || len(got.Differences) == 0 || len(found) != len(got.Differences) {
		t.Fatalf("%+v, %d told", got, len(found))
	}
	if d := got.Differences[0]; d.Requirement == "" || d.Request == "" || !strings.Contains(d.Problem, "; ") || d.Evidence.Request.Total == 0 {
		t.Errorf("%+v", d)
	}
}

// TestCompareRefuses: a call that cannot be meant, a server that is not there, and one that does not show how it frames.
func TestCompareRefuses(t *testing.T) {
	t.Parallel()
	right := speaking(t, "lenient")
	for want, cfg := range map[string]fuzz.CompareConfig{
		"give For or Draws":         {Targets: [2]*target.Target{right, right}},
		"give two Targets or Addrs": {Targets: [2]*target.Target{right}, Draws: 1},
		"For and Draws":             {Targets: [2]*target.Target{right, right}, Draws: -1, For: time.Second},
		"path":                      {Targets: [2]*target.Target{right, right}, Draws: 1, HTTP: suite.HTTP{Path: "no path"}},
	} {
		if _, err := fuzz.Compare(t.Context(), cfg); !errors.As(err, new(*suite.ConfigError)) || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := fuzz.Compare(t.Context(), fuzz.CompareConfig{Targets: [2]*target.Target{right}, Addrs: [2]string{"", "127.0.0.1:1"}, Draws: 1}); !errors.As(err, new(*target.UnreachableError)) {
		t.Errorf("nobody is there: %v", err)
	}
	got, err := fuzz.Compare(t.Context(), fuzz.CompareConfig{Targets: [2]*target.Target{right, speaking(t, "closes-after-each")}, Draws: 1})
	if err != nil || !strings.Contains(got.Trouble, "ends the connection behind every answer") || got.Draws > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if got, err := fuzz.Compare(ended, fuzz.CompareConfig{Targets: [2]*target.Target{right, right}, Draws: 1}); err != nil || !got.Interrupted {
		t.Errorf("%+v, %v, though its context had ended", got, err)
	}
}
