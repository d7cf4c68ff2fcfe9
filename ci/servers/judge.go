package servers

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// An Outcome is what the suite said of a server.
type Outcome struct {
	Server  Server
	Version string
	Report  *report.Report
	// Wrong is where the verdicts differ from what is known of the server, one line each; nothing where they are as expected.
	Wrong []string
}

// ready is how long a server may take until it listens: a Java program on a machine that is busy takes longer than most. No verdict
// hangs on it.
const ready = 3 * time.Minute

// Judge starts the server, runs the whole suite against it, and compares. folder
// is the one with the script start and the exchange files. The error says why nothing was judged.
func Judge(ctx context.Context, s Server, folder string) (*Outcome, error) {
	dir, err := os.MkdirTemp("", "streamspec-"+s.Name+"-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // for servers that give up their privileges
		return nil, err
	}
	if err := s.write(dir); err != nil {
		return nil, err
	}
	start, err := filepath.Abs(filepath.Join(folder, "start"))
	if err != nil {
		return nil, err
	}
	adapters := filepath.Join(filepath.Dir(filepath.Dir(start)), "adapters")
	words := []string{start, "{host}", "{port}", dir}
	for _, w := range s.Command {
		words = append(words, strings.ReplaceAll(w, "{adapters}", adapters))
	}
	if s.Build != "" {
		build := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", strings.ReplaceAll(s.Build, "{adapters}", adapters))
		build.Dir = filepath.Join(dir, "files")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("it could not be built: %w\n%s", err, out)
		}
	}
	l, err := target.NewLauncherArgs(words, target.LauncherOptions{Dir: folder, Ready: ready})
	if err != nil {
		return nil, err
	}
	o := &Outcome{Server: s, Version: s.version(ctx)}
	started, err := target.Start(ctx, l)
	if err != nil {
		return nil, err
	}
	cfg := judge.Config{Target: started, Dialect: s.dialect(folder), Seed: 1, Only: s.only, Skip: s.Skip, Timeout: s.Timeout, HTTP: s.options}
	cfg.Again = func(string) string { return s.again() }
	o.Report, err = judge.Judge(ctx, cfg)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if closeErr := started.Close(closing); closeErr != nil && err == nil {
		err = fmt.Errorf("it could not be stopped: %w", closeErr)
	}
	if err != nil {
		return nil, err
	}
	o.Wrong = s.compare(o.Report)
	return o, nil
}

// Compare compares the report of an earlier run with what is known of the server now.
func (o *Outcome) Compare(s Server) { o.Server, o.Wrong = s, s.compare(o.Report) }

// dialect is the server's dialect as the suite takes it: an exchange file is one of the folder exchanges.
func (s *Server) dialect(folder string) string {
	if strings.HasSuffix(s.Dialect, ".yaml") {
		return filepath.Join(folder, "exchanges", s.Dialect)
	}
	return s.Dialect
}

// compare says where the verdicts differ from what is known of the server.
func (s *Server) compare(r *report.Report) []string {
	var wrong []string
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if r.Trouble != "" && !s.Control {
		note("%s", r.Trouble)
	}
	if r.Target.Serial != s.Serial {
		note("it serves one client at a time: %t, want %t", r.Target.Serial, s.Serial)
	}
	want := map[string]report.Verdict{}
	for _, w := range s.Waivers {
		for _, id := range w.IDs {
			want[id] = w.Verdict
		}
	}
	for _, res := range r.Results {
		expected, waived := want[res.ID]
		delete(want, res.ID)
		good := res.Verdict == report.Pass || res.Verdict == report.Info || res.Verdict == report.Skip
		switch {
		case waived && res.Verdict != expected:
			note("%s: it is %s %s, and is waived as %s: take the waiver back if that is right", res.ID, res.Verdict, res.Reason, expected)
		case !waived && !good:
			note("%s: it is %s: %s", res.ID, res.Verdict, res.Reason)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		note("%s: it was not judged, and is waived as %s", id, want[id])
	}
	return wrong
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+[-\w.+~]*`)

// version is the first version number that the server's command prints.
func (s *Server) version(ctx context.Context) string {
	if s.Version == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, "bash", "-c", s.Version).CombinedOutput()
	return versionNumber.FindString(string(out))
}
