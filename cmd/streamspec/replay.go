package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// replayFlags are the flags of replay.
type replayFlags struct {
	aim     aim
	file    string
	dialect string
	emit    string
	timeout time.Duration
	adds    exchange.Additions
	http    service.Options
	verbose bool
}

func newReplay() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE [ADDR | reference | --exec \"CMD {port}\"]",
		Short: "Play a saved failure again, show the timeline",
		Long: `replay plays a plan that fuzz or run has saved, or that was written by hand, and shows
what was sent and received. Without a target it goes to the one that the file names.

With --emit the plan is printed as a program of its own instead: a Go test or a Python
program, for somebody who has nothing but the server.

Exit status: 0 the server conforms now; 1 it does not; 2 the call or the file is
wrong; 3 no verdict.`,
		Example: `  streamspec replay failures/fram-2-1.plan
  streamspec replay failures/fram-2-1.plan --exec "./server {port}"
  streamspec replay failures/fram-2-1.plan --emit python > repro.py`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("replay wants the file of a plan, and perhaps a target")
			}
			f.file = args[0]
			if len(args) == 1 && f.aim.exec == "" {
				return nil // the file names the target
			}
			return f.aim.set("replay wants", args[1:])
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	fs := cmd.Flags()
	f.aim.flags(fs)
	fs.StringVar(&f.dialect, "dialect", "", "what the server speaks, where the file of the plan's exchanges is elsewhere now")
	fs.StringVar(&f.emit, "emit", "", "print the plan as a program of its own: "+strings.Join(emit.Formats(), ", "))
	addingFlags(fs, &f.adds)
	httpFlags(fs, &f.http)
	timeoutFlag(fs, &f.timeout, "how long to wait for an answer before asking again with three times this wait")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "show all events")
	return cmd
}

func (f *replayFlags) run(cmd *cobra.Command) error {
	if f.emit != "" && !slices.Contains(emit.Formats(), f.emit) {
		return usageError("%s", hint.Unknown("form of --emit", f.emit, emit.Formats()))
	}
	p, err := plan.ReadFile(f.file)
	if err != nil {
		return usageError("%v", err)
	}
	if f.dialect != "" {
		p.Dialect = f.dialect
	}
	cfg := judge.Config{Dialect: p.Dialect, Timeout: f.timeout, Version: version(), Adds: f.adds, HTTP: f.http}
	if err := cfg.Validate(); err != nil {
		return err
	}
	if m, ok := dialect.Lookup(p.Dialect); ok {
		due, err := due.To(m, p)
		if err != nil {
			return usageError("%s: %v", f.file, err)
		}
		if f.emit != "" {
			return f.print(cmd.OutOrStdout(), p, due)
		}
	}
	if f.aim.name == "" && f.aim.exec == "" {
		if f.aim.name = p.Target; p.Target == "" {
			return usageError("%s names no target: give one behind it (an address, reference, or --exec)", f.file)
		}
	}
	if err := f.aim.check("replay "+f.file, p.Dialect); err != nil {
		return err
	}
	return f.replay(cmd, p, cfg)
}

// replay plays the plan to the target.
func (f *replayFlags) replay(cmd *cobra.Command, p plan.Plan, cfg judge.Config) error {
	ctx := cmd.Context()
	t, err := f.aim.reach(ctx, &cfg)
	if err != nil {
		return err
	}
	defer closing(ctx, t)()
	cfg.Target = t
	s, err := judge.Reach(ctx, cfg)
	if err != nil {
		return err
	}
	if p.Drawn != "" && f.emit == "" {
		return f.drawn(ctx, cmd.OutOrStdout(), p, s)
	}
	due, err := s.Server.Due(p)
	if err != nil {
		return usageError("%s: %v", f.file, err)
	}
	if f.emit != "" {
		return f.print(cmd.OutOrStdout(), p, due)
	}
	e := s.Server.Player("replay")
	defer e.Done()
	var played []player.Played
	found := e.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		now, found := e.PlayDue(ctx, p, due, wait)
		if played == nil || found.Failed() {
			played = now
		}
		return found
	})
	if ctx.Err() != nil {
		return &statusError{statusNoVerdict, "interrupted"}
	}
	if found == nil && !s.Server.Serves(ctx) && ctx.Err() == nil {
		return f.gone(cmd.OutOrStdout(), p, played, s.Server.Target.Alive())
	}
	return f.show(cmd.OutOrStdout(), p, played, found)
}

// gone prints what was played to a server that answered it as it must, and does not serve any more; end is how it ended, as far as that
// is known.
func (f *replayFlags) gone(w io.Writer, p plan.Plan, played []player.Played, end error) error {
	o := consoleOptions(w)
	o.Verbose = f.verbose
	failure := fuzzer.Failure{Requirement: p.Requirement, Problem: fuzzer.Gone, Plan: p, Evidence: played[0].Evidence(p.Clients[0]), Failed: 1, Runs: 1}
	if ended, text := player.EndedBy(end); ended != nil {
		failure.Problem, failure.Evidence.Ended = "after this, "+text, ended
	}
	fmt.Fprint(w, failure.Text("", o))
	fmt.Fprintf(w, "not conformant: %s\n", show.Bytes([]byte(failure.Problem)))
	return &statusError{status: statusNotConformant}
}

// show prints what came of it: the failure, or each client's exchange where all was right.
func (f *replayFlags) show(w io.Writer, p plan.Plan, played []player.Played, found *finding.Finding) error {
	o := consoleOptions(w)
	o.Verbose = f.verbose
	if found.Failed() {
		e := found.Evidence
		failure := fuzzer.Failure{Requirement: p.Requirement, Problem: found.Problem, Plan: p, Evidence: *e, Failed: e.Failed, Runs: e.Runs}
		fmt.Fprint(w, failure.Text("", o))
		fmt.Fprintf(w, "not conformant: %s\n", show.Bytes([]byte(found.Problem)))
		return &statusError{status: statusNotConformant}
	}
	if found != nil {
		return finding.Error{Finding: found}
	}
	for i := range played {
		if len(played) > 1 {
			fmt.Fprintf(w, "client %d\n", i+1)
		}
		evidence := played[i].Evidence(p.Clients[i])
		fmt.Fprint(w, report.PlayText(&evidence, o))
	}
	_, err := fmt.Fprintf(w, "conformant: the server answers this plan as it must (%s)\n", fuzzer.Size(p))
	return err
}

// print writes the plan as a program of its own.
func (f *replayFlags) print(w io.Writer, p plan.Plan, due []due.Client) error {
	r := emit.Reproduction{Plan: p, Address: p.Target, Title: "a plan of streamspec"}
	if known, ok := suite.Lookup(p.Requirement); ok {
		r.Title = known.ID + ": " + known.Title
	}
	if f.aim.name != "" && f.aim.name != "reference" {
		r.Address = f.aim.name
	}
	if r.Address == "" {
		r.Address = "127.0.0.1:7000"
	}
	for _, d := range due {
		x := emit.Expected{Request: d.Session.Request, Answers: d.Session.Answers, Prefix: d.Session.End == dialect.ByFailure, ToEnd: d.Session.End != dialect.ByLeaving}
		if len(d.Session.Opening) > 0 || slices.ContainsFunc(d.Session.Like, func(l *match.Pattern) bool { return l != nil }) {
			return usageError("this plan cannot be a program of its own: the server greets, or what it answers varies, and only the exchange file says how")
		}
		var answer []byte
		for _, round := range d.Rounds {
			answer = append(answer, round.Turn.Answer...)
			x.Awaits = append(x.Awaits, emit.Await{At: round.To, Answer: bytes.Clone(answer)})
		}
		r.Clients = append(r.Clients, x)
	}
	write := map[string]func(io.Writer, emit.Reproduction) error{"go": emit.Go, "python": emit.Python}[f.emit]
	var text bytes.Buffer
	if err := write(&text, r); err != nil {
		return usageError("%v", err)
	}
	_, err := w.Write(text.Bytes())
	return err
}
