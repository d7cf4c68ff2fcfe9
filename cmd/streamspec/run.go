package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// runFlags are the flags of run.
type runFlags struct {
	cfg         suite.Config
	exec, fault string
	json, junit string
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
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usageError("run judges one target, and got %d: quote a command as one word behind --exec", len(args))
			case len(args) == 1 && f.exec != "":
				return usageError("run wants either an address or --exec, not both")
			case len(args) == 0 && f.exec == "":
				return usageError("run wants a target: an address (host:port or a port), the word reference, or --exec \"CMD {port}\"")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return f.run(cmd, name)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.cfg.Dialect, "dialect", "script", "what the server speaks: echo, greet, line, script, an exchange file (FILE.yaml), or a preset (preset:redis)")
	fs.StringVar(&f.exec, "exec", "", "start the server with this command; {port} and {host} say where it must listen")
	fs.StringVar(&f.fault, "fault", "", "plant a fault in the reference server (streamspec list --faults)")
	fs.IntVar(&f.cfg.PID, "pid", 0, "process id of the server at ADDR, to watch its descriptors, CPU time and memory")
	fs.BoolVar(&f.cfg.Strict, "strict", false, "a broken SHOULD is a failure too")
	fs.StringVar(&f.cfg.Only, "only", "", "judge only these: ids, families, levels, ranges, patterns (FRAM-2,LINE,MUST,READ-1..4,*-1)")
	fs.StringVar(&f.cfg.Skip, "skip", "", "leave these out")
	fs.DurationVar(&f.cfg.Timeout, "timeout", 2*time.Second, "how long to wait for an answer before asking again with three times this wait")
	fs.Uint64Var(&f.cfg.Seed, "seed", 1, "seed of the suite's random choices; the same seed makes the same cases")
	fs.StringVar(&f.json, "json", "", "write the report as JSON to this file (- is stdout)")
	fs.StringVar(&f.junit, "junit", "", "write the report as JUnit XML to this file (- is stdout)")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "say more of what passed and what was skipped")
	return cmd
}

func (f *runFlags) run(cmd *cobra.Command, name string) error {
	ctx := cmd.Context()
	f.cfg.Version = version()
	if err := f.check(cmd, name); err != nil {
		return err
	}
	stdout := cmd.OutOrStdout()
	files, err := openReports(stdout, f.json, f.junit)
	if err != nil {
		return err
	}
	defer files.close()
	t, err := f.target(ctx, name)
	if err != nil {
		return err
	}
	f.cfg.Target = t
	rep, err := f.judge(ctx, cmd)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	closeErr := t.Close(closing)
	if err != nil {
		return err
	}
	if closeErr != nil {
		rep.Notes = append(rep.Notes, fmt.Sprintf("the target could not be stopped: %v", closeErr))
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

// check refuses what cannot be meant, before anything is sent or written.
func (f *runFlags) check(cmd *cobra.Command, name string) error {
	if err := f.cfg.Validate(); err != nil {
		return err
	}
	if f.fault != "" {
		if name != "reference" {
			return usageError("--fault plants a fault in the reference server: it goes with run reference")
		}
		if err := checkFault(f.fault, f.cfg.Dialect); err != nil {
			return err
		}
	}
	if f.cfg.PID != 0 && (name == "" || name == "reference") {
		return usageError("--pid is for a server that runs already: give its address with it")
	}
	if cmd.Flags().Changed("pid") && f.cfg.PID <= 0 {
		return usageError("--pid %d is no process id", f.cfg.PID)
	}
	if f.json == "-" && f.junit == "-" {
		return usageError("--json and --junit cannot both be written to stdout")
	}
	return nil
}

// target reaches, or starts, what is to be judged.
func (f *runFlags) target(ctx context.Context, name string) (*target.Target, error) {
	switch {
	case f.exec != "":
		l, err := target.NewLauncher(f.exec, target.LauncherOptions{})
		if err != nil {
			return nil, err
		}
		// The server outlives an interrupt: it is stopped when the report is made.
		return target.Start(context.WithoutCancel(ctx), l)
	case name == "reference":
		return startReference(&f.cfg, f.fault)
	default:
		return target.Address(ctx, name, f.cfg.PID)
	}
}

// judge runs the suite, with live progress on a terminal.
func (f *runFlags) judge(ctx context.Context, cmd *cobra.Command) (*report.Report, error) {
	stderr := cmd.ErrOrStderr()
	if isTerminal(stderr) {
		p := report.NewProgress(stderr, f.cfg.Count(), consoleOptions(stderr))
		defer p.Stop()
		f.cfg.Progress = p
	}
	return suite.Run(ctx, f.cfg)
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

// reports are the report files of a run, opened before it.
type reports []reportFile

type reportFile struct {
	path  string
	file  *os.File // nil is out
	out   io.Writer
	write func(io.Writer, *report.Report) error
}

// openReports opens the files for writing, and leaves what is in them until there is a report.
func openReports(stdout io.Writer, json, junit string) (files reports, err error) {
	for _, r := range []reportFile{{path: json, write: report.WriteJSON}, {path: junit, write: report.WriteJUnit}} {
		switch r.path {
		case "":
			continue
		case "-":
			r.out = stdout
		default:
			if r.file, err = os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE, 0o644); err != nil {
				files.close()
				return nil, usageError("the report cannot be written: %v", err)
			}
			r.out = r.file
		}
		files = append(files, r)
	}
	return files, nil
}

// write puts the report into every file.
func (files reports) write(rep *report.Report) error {
	for _, r := range files {
		var buf bytes.Buffer
		err := r.write(&buf, rep)
		if err == nil && r.file != nil {
			// A device or a pipe cannot be truncated, and need not be.
			if info, statErr := r.file.Stat(); statErr == nil && info.Mode().IsRegular() {
				err = r.file.Truncate(0)
			}
		}
		if err == nil {
			_, err = r.out.Write(buf.Bytes())
		}
		if err != nil {
			return fmt.Errorf("the report could not be written to %s: %w", r.path, err)
		}
	}
	return nil
}

func (files reports) close() {
	for _, r := range files {
		if r.file != nil {
			_ = r.file.Close() // what was written has been checked
		}
	}
}
