package main

import (
	"context"
	"fmt"
	"io"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/grammar"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/show"
)

// drawn plays a plan whose requests are of HTTP/1.1's grammar: as they are for this server, whose name may be another than where they were
// found, and judged by what the grammar says of them.
func (f *replayFlags) drawn(ctx context.Context, w io.Writer, p plan.Plan, s *judge.Run) error {
	d, ok := s.Dialect().(*service.Dialect)
	if !ok {
		return usageError("%s: the plan says what was drawn of HTTP/1.1, and its dialect is not %s", f.file, service.Name)
	}
	stream, err := grammar.Parse(p.Drawn)
	if err != nil {
		return usageError("%s: %v", f.file, err)
	}
	if why := web.Shows(d.Service, stream); why != "" {
		return &statusError{statusNoVerdict, "no verdict: " + why}
	}
	e := s.Server.Player("replay")
	defer e.Done()
	player := web.Player{Player: e, Service: d.Service}
	found, left := player.Again(ctx, web.Draw{Stream: stream, Cuts: player.Fitting(stream, delivery.Segments{Cuts: p.Clients[0].Cuts})})
	o := consoleOptions(w)
	o.Verbose = f.verbose
	switch {
	case ctx.Err() != nil:
		return &statusError{statusNoVerdict, "interrupted"}
	case found != nil:
		failure := fuzzer.Failure{Requirement: found.Requirement, Problem: found.Problem, Plan: p, Evidence: *found.Finding.Evidence, Failed: found.Finding.Evidence.Failed, Runs: found.Finding.Evidence.Runs}
		fmt.Fprint(w, failure.Text("", o))
		fmt.Fprintf(w, "not conformant: %s\n", show.Prose(found.Problem))
		return &statusError{status: statusNotConformant}
	case left != nil:
		return finding.Error{Finding: left}
	}
	_, err = fmt.Fprintf(w, "conformant: the server makes of this what it may (%s)\n", fuzzer.Size(p))
	return err
}
