package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/streamspec/streamspec/fuzz/coverage"
	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/target"
)

// guiding is what a guide needs from the command line: where the server's endpoint is, and what earlier runs have kept.
type guiding struct {
	flags   *fuzzFlags
	dir     string // of the socket and of what the server writes when it ends
	corpus  []plan.Plan
	covered *fuzzer.Covered
}

// How many of four plans are made of those that were kept: what reaches new code is worth more than what looks new.
const (
	shareOfCovered = 3
	shareOfShapes  = 1
)

func (f *fuzzFlags) checkGuide() error {
	switch f.guide {
	case "auto", "coverage", "shape", "none":
	default:
		return usageError("--guide is auto, coverage, shape or none, not %q", f.guide)
	}
	if f.guide == "coverage" && f.aim.exec == "" {
		return usageError("--guide coverage goes with --exec: the fuzzer tells the server where to say what it reached")
	}
	if f.guide == "coverage" && f.cfg.Clients > 1 {
		return usageError("--guide coverage plays one plan at a time, lest what another reached is counted as its own: leave --clients out")
	}
	if f.kept != "" && f.guide == "none" {
		return usageError("--corpus goes with a guide, and --guide is none")
	}
	return nil
}

// openGuide reads the corpus, and prepares the place where a server that is started may tell its coverage.
func (f *fuzzFlags) openGuide() (g *guiding, err error) {
	g = &guiding{flags: f}
	if f.kept != "" {
		if err := os.MkdirAll(f.kept, 0o755); err != nil {
			return nil, usageError("--corpus: %v", err)
		}
		names, _ := filepath.Glob(filepath.Join(f.kept, "*.plan")) // the pattern is well-formed
		for _, name := range names {
			p, err := plan.ReadFile(name)
			if err != nil {
				return nil, usageError("%v", err)
			}
			if p.Dialect != f.cfg.Suite.Dialect {
				return nil, usageError("%s: the plan is of the dialect %s, and the server speaks %s", name, p.Dialect, f.cfg.Suite.Dialect)
			}
			g.corpus = append(g.corpus, p)
		}
	}
	if f.aim.exec != "" && (f.guide == "auto" || f.guide == "coverage") {
		if g.dir, err = os.MkdirTemp("", "streamspec-"); err != nil {
			return nil, err
		}
		// What the caller's own GOCOVERDIR holds is the caller's.
		for name, value := range map[string]string{coverage.Variable: g.socket(), "GOCOVERDIR": g.dir} {
			if err := os.Setenv(name, value); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

func (g *guiding) socket() string { return filepath.Join(g.dir, "coverage") }

// reach makes the guide, when the server runs: by its coverage where it tells it or writes it, else by the shape of its answers.
func (g *guiding) reach(ctx context.Context, f *fuzzFlags) error {
	if f.guide == "none" {
		return nil
	}
	keep := g.keep
	if f.kept == "" {
		keep = nil
	}
	var novelty fuzzer.Novelty = new(fuzzer.Shapes)
	share := shareOfShapes
	if g.dir != "" && (f.guide == "coverage" || f.cfg.Clients < 2) {
		covered, err := g.coverage(ctx, f.cfg.Suite.Target)
		switch {
		case err == nil:
			novelty, share = covered, shareOfCovered
			f.cfg.Clients = 1 // what another reached must not count
		case f.guide == "coverage":
			return usageError("%v (build it with go build -cover -covermode=atomic, and let it end by itself at SIGTERM, or call endpoint.Serve of the package fuzz/coverage/endpoint)", err)
		}
	}
	f.cfg.Guide = fuzzer.NewGuide(novelty, share, g.corpus, keep)
	return nil
}

// coverage is what the server tells of its coverage while it runs, or else writes when it ends.
func (g *guiding) coverage(ctx context.Context, t *target.Target) (fuzzer.Novelty, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := os.Stat(g.socket()); err == nil {
		covered, err := fuzzer.NewCovered(ctx, g.socket())
		if err == nil {
			g.covered = covered
			return covered, nil
		}
	}
	if meta, _ := filepath.Glob(filepath.Join(os.Getenv("GOCOVERDIR"), "covmeta.*")); len(meta) == 0 { // the pattern is well-formed
		return nil, errors.New("the server was not built to count what it reaches")
	}
	return fuzzer.NewWritten(ctx, os.Getenv("GOCOVERDIR"), t)
}

// keep adds a plan to the corpus. What cannot be written is said once, and the run goes on.
func (g *guiding) keep(p plan.Plan) {
	if g.flags.kept == "" {
		return
	}
	if _, err := writeNew(g.flags.kept, "kept", ".plan", []byte(p.String())); err != nil {
		fmt.Fprintf(os.Stderr, "streamspec: a plan could not be added to the corpus: %v\n", err)
		g.flags.kept = ""
	}
}

func (g *guiding) close() {
	if g.covered != nil {
		_ = g.covered.Close() // the server ends with the run
	}
	if g.dir != "" {
		_ = os.RemoveAll(g.dir) // a leftover in the temporary folder does no harm
	}
}
