package main

import (
	"context"
	"fmt"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// checkBeside refuses what does not go with --beside.
func (f *fuzzFlags) checkBeside(changed func(string) bool) error {
	if !changed("beside") {
		return nil
	}
	if f.cfg.Suite.Dialect != service.Name {
		return usageError("--beside compares servers that speak HTTP/1.1: give --dialect %s", service.Name)
	}
	if f.beside == "" || f.beside == "reference" {
		return usageError("--beside wants the address of a server that runs already: host:port, or a port of this machine")
	}
	for _, other := range []string{"save", "json", "shard", "guide", "corpus", "clients", "first"} {
		if changed(other) {
			return usageError("--%s does not go with --beside, which prints what the servers frame otherwise and keeps nothing", other)
		}
	}
	return nil
}

// compare gives the same requests to two servers.
func (f *fuzzFlags) compare(cmd *cobra.Command) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	cfg := f.cfg.Suite
	t, err := f.aim.reach(ctx, &cfg)
	if err != nil {
		return err
	}
	defer closing(ctx, t)()
	other := f.cfg.Suite
	u, err := target.Address(ctx, f.beside, 0)
	if err != nil {
		return err
	}
	defer closing(ctx, u)()
	cfg.Target, other.Target = t, u
	again := fmt.Sprintf("streamspec fuzz %s --dialect http1 --beside %s --seed %d", f.target(), shellescape.Quote(f.beside), cfg.Seed)
	began := time.Now()
	c, err := fuzzer.Beside{
		Servers: [2]judge.Config{cfg, other}, Names: [2]string{f.aim.words(), shellescape.Quote(f.beside)},
		Seed: cfg.Seed, For: f.cfg.For, Draws: f.cfg.Plans,
		New: func(d *web.Difference) { fmt.Fprintln(out, report.FailureText(d.Report(again), consoleOptions(out))) },
	}.Compare(ctx)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, c.Sentence(cfg.Seed, time.Since(began))); err != nil {
		return fmt.Errorf("the result could not be written: %w", err)
	}
	status := c.Conclusion().ExitStatus()
	if ctx.Err() != nil && status == 0 {
		return &statusError{statusNoVerdict, "interrupted"}
	}
	if status != 0 {
		return &statusError{status: status}
	}
	return nil
}

// closing closes a target within its time: what there is to say is said.
func closing(ctx context.Context, t *target.Target) func() {
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.Close)
		defer cancel()
		_ = t.Close(ctx)
	}
}
