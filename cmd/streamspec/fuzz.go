package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/target"
)

// fuzzFlags are the flags of fuzz.
type fuzzFlags struct {
	cfg   fuzzer.Config
	aim   aim
	shard string
	save  string
	json  string
	guide string
	kept  string

	beside string
}

func newFuzz() *cobra.Command {
	var f fuzzFlags
	cmd := &cobra.Command{
		Use:   "fuzz ADDR | reference | --exec \"CMD {port}\"",
		Short: "Play random plans to a server, and make what fails small",
		Long: `fuzz draws plans (requests, cuts, pauses, ends, several clients) from a seed, plays
them to a server, and compares what comes with what the dialect says is right; of an
exchange file, with the server's own answer to the whole message. What fails is played
again, made as small as it still fails, and printed once; with --save each failure
is written to a file that streamspec replay plays.`,
		Example: `  streamspec fuzz reference --for 30s
  streamspec fuzz 7000 --dialect line --for 10m --save failures
  streamspec fuzz --exec "./server {port}" --dialect echo --plans 100000 --seed 7
  streamspec fuzz 6379 --dialect preset:redis --shard 3/16
  streamspec fuzz 8080 --dialect http1 --beside 8081`,
		Args: f.aim.args("fuzz wants"),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	fs := cmd.Flags()
	f.aim.flags(fs)
	fs.StringVar(&f.cfg.Suite.Dialect, "dialect", "script", "what the server speaks: echo, greet, line, script, http1, an exchange file (FILE.yaml), or a preset (preset:redis)")
	durationFlag(fs, &f.cfg.For, "for", time.Minute, time.Millisecond, 1000*time.Hour, "how long to go on")
	fs.IntVar(&f.cfg.Plans, "plans", 0, "end after so many plans; without --for, however long that takes")
	fs.BoolVar(&f.cfg.First, "first", false, "end at the first failure")
	fs.Uint64Var(&f.cfg.Suite.Seed, "seed", 1, "the same seed draws the same plans on every machine")
	fs.IntVar(&f.cfg.Clients, "clients", 0, fmt.Sprintf("connections side by side, at most %d; 0 is 8, or 1 where the server serves one at a time", fuzzer.MaxClients))
	fs.StringVar(&f.save, "save", "", "write each failure to a file in this directory")
	fs.StringVar(&f.json, "json", "", "write the result as JSON to this file (- is stdout)")
	fs.StringVar(&f.shard, "shard", "", "I/N: draw the I-th of N parts of the seed's plans, so that N jobs draw each once")
	fs.StringVar(&f.guide, "guide", "auto", "what decides which plans are kept and changed: coverage, shape (of the answers), none, or auto")
	fs.StringVar(&f.kept, "corpus", "", "begin with the plans in this directory, and add those that reach something new")
	fs.StringVar(&f.beside, "beside", "", "http1: another server, that the same requests are given to: what both frame otherwise is printed")
	addingFlags(fs, &f.cfg.Suite.Adds)
	httpFlags(fs, &f.cfg.Suite.HTTP)
	timeoutFlag(fs, &f.cfg.Suite.Timeout, "how long to wait for an answer before asking again with three times this wait")
	return cmd
}

func (f *fuzzFlags) run(cmd *cobra.Command) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	ctx := cmd.Context()
	if f.beside != "" {
		return f.compare(cmd)
	}
	stdout, console := cmd.OutOrStdout(), cmd.OutOrStdout()
	result, err := openOutput(stdout, f.json)
	if err != nil {
		return err
	}
	defer result.Close()
	if f.json == "-" {
		console = cmd.ErrOrStderr()
	}
	guide, err := f.openGuide()
	if err != nil {
		return err
	}
	defer guide.close()
	t, err := f.aim.reach(ctx, &f.cfg.Suite)
	if err != nil {
		return err
	}
	f.cfg.Suite.Target = t
	defer closing(ctx, t)()
	if err := guide.reach(ctx, f); err != nil {
		return err
	}
	p := &fuzzProgress{f: f, out: console, err: cmd.ErrOrStderr()}
	f.cfg.Progress = p.hear
	played, err := fuzzer.Run(ctx, f.cfg)
	p.clear()
	if err != nil {
		return err
	}
	if err := result.Write(played.WriteJSON); err != nil {
		return err
	}
	if err := played.WriteText(console); err != nil {
		return fmt.Errorf("the result could not be written: %w", err)
	}
	if status := played.Conclusion().ExitStatus(); status != 0 {
		return &statusError{status: status}
	}
	return nil
}

// check refuses what cannot be meant, before anything is sent or written.
func (f *fuzzFlags) check(cmd *cobra.Command) error {
	if err := f.cfg.Suite.Validate(); err != nil {
		return err
	}
	if err := f.aim.check("fuzz", f.cfg.Suite.Dialect); err != nil {
		return err
	}
	changed := cmd.Flags().Changed
	if err := f.checkBeside(changed); err != nil {
		return err
	}
	switch {
	case changed("plans") && f.cfg.Plans <= 0:
		return usageError("--plans must be above 0, not %d", f.cfg.Plans)
	case changed("clients") && (f.cfg.Clients < 1 || f.cfg.Clients > fuzzer.MaxClients):
		return usageError("--clients must be from 1 to %d, not %d", fuzzer.MaxClients, f.cfg.Clients)
	case changed("plans") && !changed("for"):
		f.cfg.For = 0
	}
	if f.shard != "" {
		i, n, ok := strings.Cut(f.shard, "/")
		var errI, errN error
		f.cfg.Shard, errI = strconv.Atoi(i)
		f.cfg.Shards, errN = strconv.Atoi(n)
		if !ok || errI != nil || errN != nil || f.cfg.Shard < 1 || f.cfg.Shard > f.cfg.Shards || f.cfg.Shards > fuzzer.MaxShards {
			return usageError("--shard is I/N with I from 1 to N and N at most %d, not %q", fuzzer.MaxShards, f.shard)
		}
	}
	if err := f.cfg.Check(); err != nil {
		return err
	}
	if f.save != "" {
		if err := os.MkdirAll(f.save, 0o755); err != nil {
			return usageError("--save: %v", err)
		}
		f.cfg.Save = f.saveTo
	}
	return f.checkGuide()
}

// saveTo writes a failure's plan to a new file.
func (f *fuzzFlags) saveTo(failure *fuzzer.Failure) error {
	p := failure.Plan
	if t := f.cfg.Suite.Target; t != nil && t.Kind == target.KindAddress {
		p.Target = t.Address
	}
	text := "# " + show.Bytes([]byte(failure.Problem)) + "\n"
	name, err := writeNew(f.save, strings.ToLower(failure.Requirement), ".plan", []byte(p.Commented(text)))
	if err != nil {
		return err
	}
	failure.File = name
	return nil
}

// writeNew writes a file of a name that there is not yet: name-1, name-2, and so on.
func writeNew(dir, name, ext string, text []byte) (string, error) {
	for n := 1; ; n++ {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, n, ext))
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) && n < 100000 {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.Write(text)
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			_ = os.Remove(path) // half a plan is none
			return "", err
		}
		return path, nil
	}
}

// fuzzProgress shows a live line on a terminal, and each failure as it is found.
type fuzzProgress struct {
	f        *fuzzFlags
	out, err io.Writer

	mu   sync.Mutex
	live bool // a line is shown
}

func (p *fuzzProgress) hear(s fuzzer.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.New != nil {
		p.wipe()
		fmt.Fprintln(p.out, s.New.Text(p.f.again(s.New), consoleOptions(p.out)))
	}
	if isTerminal(p.err) {
		fmt.Fprintf(p.err, "\r\x1b[K%s", s.Line())
		p.live = true
	}
}

// clear takes the live line away.
func (p *fuzzProgress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

func (p *fuzzProgress) wipe() {
	if p.live {
		fmt.Fprint(p.err, "\r\x1b[K")
		p.live = false
	}
}

// again is the command that shows a failure again: its file where it was saved, and else the run.
func (f *fuzzFlags) again(failure *fuzzer.Failure) string {
	target := f.target()
	if failure.File != "" {
		return "streamspec replay " + shellescape.Quote(failure.File) + " " + target
	}
	return fmt.Sprintf("streamspec fuzz %s --dialect %s --seed %d --save failures", target, shellescape.Quote(f.cfg.Suite.Dialect), f.cfg.Suite.Seed)
}

// target is the server and what is said of it, as a shell reads that.
func (f *fuzzFlags) target() string {
	return strings.Join(slices.Concat([]string{f.aim.words()}, judge.AddingWords(f.cfg.Suite.Adds), judge.HTTPWords(f.cfg.Suite.HTTP)), " ")
}
