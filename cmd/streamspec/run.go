package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// runFlags are the flags of run.
type runFlags struct {
	cfg         judge.Config
	aim         aim
	json, junit string
	save        string
	expect      string
	update      bool
	baseline    string
	verbose     bool
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run ADDR | reference | --exec \"CMD {port}\"",
		Short: "Judge a server",
		Long: `run judges a server by every requirement that its dialect can show.

ADDR is host:port (IPv6 in brackets) or a port; reference is the embedded
reference server; with --exec the suite starts the server itself on a free port,
which the command names with {port} (and the host with {host}), and stops it.
What only --exec or --pid can show is skipped without them, and says so.`,
		Example: `  streamspec run reference
  streamspec run 7000 --dialect line --pid "$(pidof myserver)"
  streamspec run --exec "python3 server.py {port}" --dialect echo --junit report.xml
  streamspec run '[::1]:7000' --only FRAM,LINE-5 --json - | jq .summary`,
		Args: f.aim.args("run wants"),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.cfg.Dialect, "dialect", "script", "what the server speaks: echo, greet, line, script, http1, an exchange file (FILE.yaml), or a preset (preset:redis)")
	f.aim.flags(fs)
	addingFlags(fs, &f.cfg.Adds)
	httpFlags(fs, &f.cfg.HTTP)
	fs.IntVar(&f.cfg.PID, "pid", 0, "process id of the server at ADDR, to watch its descriptors, CPU time and memory")
	fs.IntVar(&f.cfg.Clients, "clients", 0, "how many clients the server takes at once, where it refuses more; 0 is that this is found out, as far as it can be")
	fs.BoolVar(&f.cfg.Strict, "strict", false, "a broken SHOULD is a failure too")
	fs.StringVar(&f.cfg.Only, "only", "", "judge only these: ids, families, levels, ranges, patterns (FRAM-2,LINE,MUST,READ-1..4,*-1)")
	fs.StringVar(&f.cfg.Skip, "skip", "", "leave these out")
	timeoutFlag(fs, &f.cfg.Timeout, "how long to wait for an answer before asking again with three times this wait")
	fs.Uint64Var(&f.cfg.Seed, "seed", 1, "seed of the suite's random choices; the same seed makes the same cases")
	fs.StringVar(&f.json, "json", "", "write the report as JSON to this file (- is stdout)")
	fs.StringVar(&f.junit, "junit", "", "write the report as JUnit XML to this file (- is stdout)")
	fs.StringVar(&f.save, "save", "", "write each failure, made small, to a file in this directory, for streamspec replay")
	fs.StringVar(&f.expect, "expect", "", "a file that says what is known to be broken, and may be for now: what passes all the same is a failure")
	fs.BoolVar(&f.update, "expect-update", false, "write that file as this run has it; what is new in it has the reason TODO")
	fs.StringVar(&f.baseline, "baseline", "", "the JSON report of an earlier run: what passed then must pass, and what was broken may be")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "say more of what passed and what was skipped")
	return cmd
}

func (f *runFlags) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	f.cfg.Version = version()
	if err := f.check(cmd); err != nil {
		return err
	}
	stdout := cmd.OutOrStdout()
	if f.save != "" {
		if err := os.MkdirAll(f.save, 0o755); err != nil {
			return usageError("--save: %v", err)
		}
	}
	expected, err := f.known()
	if err != nil {
		return err
	}
	defer expected.Close()
	files, err := openReports(stdout, f.json, f.junit)
	if err != nil {
		return err
	}
	defer files.close()
	t, err := f.target(ctx)
	if err != nil {
		return err
	}
	f.cfg.Target = t
	rep, err := f.judge(ctx, cmd)
	if err == nil && f.save != "" {
		f.saveFailures(ctx, rep)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.Close)
	defer cancel()
	closeErr := t.Close(closing)
	if err != nil {
		return err
	}
	if closeErr != nil {
		rep.Notes = append(rep.Notes, fmt.Sprintf("the target could not be stopped: %v", closeErr))
	}
	if err := f.updateExpected(expected, rep); err != nil {
		return err
	}
	if err := files.write(rep); err != nil {
		return err
	}
	console := stdout
	if f.json == "-" || f.junit == "-" {
		console = cmd.ErrOrStderr()
	}
	o := consoleOptions(console)
	o.Verbose = f.verbose
	if err := report.WriteConsole(console, rep, o); err != nil {
		return fmt.Errorf("the report could not be written: %w", err)
	}
	if status := rep.Conclusion.ExitStatus(); status != 0 {
		return &statusError{status: status}
	}
	return nil
}

// saveFailures writes what failed as plans, each made as small as it still fails. What does not fail again by itself takes more
// than a plan can say, and is left to its command.
func (f *runFlags) saveFailures(ctx context.Context, rep *report.Report) {
	s, err := judge.Reach(ctx, f.cfg)
	if err != nil {
		rep.Notes = append(rep.Notes, fmt.Sprintf("the failures could not be saved: %v", err))
		return
	}
	for i := range rep.Results {
		failure := rep.Results[i].Failure
		if failure == nil || failure.Plan == "" || ctx.Err() != nil {
			continue
		}
		p, err := plan.Parse([]byte(failure.Plan))
		if err != nil {
			continue // a server's name can hold what a plan cannot
		}
		small, ok := fuzzer.Minimise(ctx, s, p, failure.Ended != nil)
		if !ok {
			continue
		}
		failure.Plan = small.String()
		name, err := writeNew(f.save, strings.ToLower(rep.Results[i].ID), ".plan", []byte(small.Commented("# "+show.Bytes([]byte(failure.Problem))+"\n")))
		if err != nil {
			rep.Notes = append(rep.Notes, fmt.Sprintf("a failure could not be saved: %v", err))
			return
		}
		failure.Again = "streamspec replay " + strings.Join(append([]string{shellescape.Quote(name), f.aim.words()}, judge.AddingWords(f.cfg.Adds)...), " ")
	}
}

// check refuses what cannot be meant, before anything is sent or written.
func (f *runFlags) check(cmd *cobra.Command) error {
	if cmd.Flags().Changed("only") && strings.TrimSpace(f.cfg.Only) == "" {
		return usageError("--only names nothing: give it ids, families, levels, ranges or patterns, such as FRAM-2,LINE")
	}
	if err := f.cfg.Validate(); err != nil {
		return err
	}
	if err := f.aim.check("run", f.cfg.Dialect); err != nil {
		return err
	}
	if f.cfg.PID != 0 && (f.aim.name == "" || f.aim.name == "reference") {
		return usageError("--pid is for a server that runs already: give its address with it")
	}
	if cmd.Flags().Changed("pid") && f.cfg.PID <= 0 {
		return usageError("--pid %d is no process id", f.cfg.PID)
	}
	if cmd.Flags().Changed("clients") && f.cfg.Clients <= 0 {
		return usageError("--clients must be from 1 to %d, not %d", judge.MostClients, f.cfg.Clients)
	}
	if f.json == "-" && f.junit == "-" {
		return usageError("--json and --junit cannot both be written to stdout")
	}
	if f.json != "" && sameFile(f.json, f.junit) {
		return usageError("--json and --junit cannot both be written to %s: give each a file of its own", show.Prose(f.json))
	}
	return nil
}

// sameFile says whether two paths lead to one file, or would.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, other)
	}
	return filepath.Clean(a) == filepath.Clean(b)
}

// target reaches, or starts, what is to be judged. The reference server runs in this process, for what only that can show.
func (f *runFlags) target(ctx context.Context) (*target.Target, error) {
	if f.aim.name == "reference" {
		return startReference(&f.cfg, f.aim.fault)
	}
	return f.aim.reach(ctx, &f.cfg)
}

// judge runs the suite, with live progress on a terminal.
func (f *runFlags) judge(ctx context.Context, cmd *cobra.Command) (*report.Report, error) {
	stderr := cmd.ErrOrStderr()
	if isTerminal(stderr) {
		all, err := f.cfg.Selected()
		if err != nil {
			return nil, err
		}
		p := report.NewProgress(stderr, len(all), consoleOptions(stderr))
		defer p.Stop()
		f.cfg.Progress = p
	}
	return judge.Judge(ctx, f.cfg)
}

// consoleOptions fit the terminal behind w, if there is one.
func consoleOptions(w io.Writer) report.ConsoleOptions {
	o := report.ConsoleOptions{Width: 100}
	if !isTerminal(w) {
		return o
	}
	o.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil && width > 0 {
		o.Width = width
	}
	return o
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
