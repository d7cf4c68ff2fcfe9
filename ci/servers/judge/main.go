// Command judge judges the servers of ci/servers, some beside one another, and
// writes the table of what came of it. It ends with status 1 where a verdict differs from what is known of a server.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/ci/servers"
	"github.com/streamspec/streamspec/internal/hint"
)

type options struct {
	folder, table      string
	json, from         string
	quick, brief, http bool
	packages, install  bool
	atOnce, repeat     int
	names              []string
}

func main() {
	var o options
	flag.StringVar(&o.folder, "folder", "ci/servers", "the folder with list and exchanges")
	flag.BoolVar(&o.quick, "quick", false, "only those that are judged for every change")
	flag.BoolVar(&o.brief, "brief", false, "only those whose framing is judged for every change, and that alone; with --quick these too")
	flag.BoolVar(&o.http, "http", false, "those that have http, by the dialect http1; with --quick no more of them than is judged for every change")
	flag.IntVar(&o.atOnce, "at-once", 3, "how many to judge beside one another")
	flag.IntVar(&o.repeat, "repeat", 1, "how many times to judge each")
	flag.StringVar(&o.table, "table", "", "write the table here, with .md and with .html behind the name; with --http, the table of HTTP/1.1 with .md")
	flag.BoolVar(&o.packages, "packages", false, "print the Debian packages whose programs are missing, and judge nothing")
	flag.BoolVar(&o.install, "install", false, "install what no package has, and judge nothing")
	flag.StringVar(&o.json, "json", "", "write the reports here")
	flag.StringVar(&o.from, "from", "", "judge nothing: hold the reports of an earlier run, which --json wrote here, against what is known now")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./ci/servers/judge [flags] [NAME…]")
		flag.PrintDefaults()
	}
	flag.Parse()
	o.names = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func (o *options) run(ctx context.Context) error {
	if o.atOnce < 1 || o.atOnce > 16 || o.repeat < 1 {
		return errors.New("give 1 to 16 at once, and at least one repeat")
	}
	chosen, err := o.chosen()
	if err != nil {
		return err
	}
	switch {
	case o.packages:
		return missingPackages(chosen)
	case o.install:
		return install(ctx, chosen)
	case o.from != "":
		return o.held(chosen)
	}
	began := time.Now()
	outcomes := make([]*servers.Outcome, len(chosen))
	wrong := 0
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	var wg sync.WaitGroup
	places := make(chan struct{}, o.atOnce)
	for range o.repeat {
		for i, s := range chosen {
			places <- struct{}{}
			wg.Go(func() {
				defer func() { <-places }()
				if ctx.Err() != nil {
					return
				}
				if missing := s.Missing(); missing != "" {
					say("- %-24s %s", s.Name, missing)
					if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") == "1" {
						mu.Lock()
						wrong++
						mu.Unlock()
					}
					return
				}
				at := time.Now()
				out, err := servers.Judge(ctx, s, o.folder)
				switch {
				case err != nil:
					say("✗ %-24s %v", s.Name, err)
				case len(out.Wrong) > 0:
					say("✗ %-24s %s\n    %s", s.Name, out.Report.Sentence, strings.Join(out.Wrong, "\n    "))
				default:
					say("✓ %-24s %5.1f s  %s", s.Name, time.Since(at).Seconds(), out.Report.Sentence)
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil || len(out.Wrong) > 0 {
					wrong++
				}
				outcomes[i] = out
			})
		}
	}
	wg.Wait()
	judged := slices.DeleteFunc(outcomes, func(o *servers.Outcome) bool { return o == nil })
	if err := o.write(judged); err != nil {
		return err
	}
	say("%d of %d servers judged in %.0f s, %d not as expected", len(judged), len(chosen), time.Since(began).Seconds(), wrong)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case wrong > 0:
		return fmt.Errorf("%d verdicts are not as expected: see above", wrong)
	}
	return nil
}

// chosen are the servers that the command line asks for.
func (o *options) chosen() ([]servers.Server, error) {
	all, err := servers.Load(os.DirFS(filepath.Join(o.folder, "list")))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	for _, n := range o.names {
		if !slices.Contains(names, n) {
			return nil, errors.New(hint.Unknown("server", n, names))
		}
	}
	all = slices.DeleteFunc(all, func(s servers.Server) bool {
		if o.http && s.HTTP == nil || !o.http && s.Dialect == "" {
			return true
		}
		left := !o.http && (o.quick || o.brief) && !(o.quick && s.Quick || o.brief && s.Brief)
		left = left || o.http && o.quick && s.HTTP.Quick == nil
		return left || len(o.names) > 0 && !slices.Contains(o.names, s.Name)
	})
	for i, s := range all {
		switch {
		case o.http && o.quick:
			all[i] = s.QuickHTTP()
		case o.http:
			all[i] = s.AsHTTP()
		case o.brief && s.Brief:
			all[i] = s.Framing()
		}
	}
	return all, nil
}

// held holds the reports of an earlier run against what is known of the servers now, and writes the files that were asked for.
func (o *options) held(chosen []servers.Server) error {
	text, err := os.ReadFile(o.from)
	if err != nil {
		return err
	}
	var all []*servers.Outcome
	if err := json.Unmarshal(text, &all); err != nil {
		return fmt.Errorf("%s is not what --json wrote: %w", o.from, err)
	}
	wrong := 0
	for _, out := range all {
		i := slices.IndexFunc(chosen, func(s servers.Server) bool { return s.Name == out.Server.Name })
		if i < 0 {
			return fmt.Errorf("%s has a report of %s, which is no server of the list: run it again", o.from, out.Server.Name)
		}
		out.Compare(chosen[i])
		for _, w := range out.Wrong {
			fmt.Printf("✗ %-24s %s\n", out.Server.Name, w)
			wrong++
		}
	}
	if err := o.write(all); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d verdicts are not as expected: see above", wrong)
	}
	return nil
}

// missingPackages prints the packages whose programs are not on this machine.
func missingPackages(chosen []servers.Server) error {
	var names []string
	for _, s := range chosen {
		if s.Missing() != "" {
			names = append(names, s.Packages...)
		}
	}
	slices.Sort(names)
	_, err := fmt.Println(strings.Join(slices.Compact(names), " "))
	return err
}

// install runs the scripts of servers that no package has, whose programs are missing.
func install(ctx context.Context, chosen []servers.Server) error {
	for _, s := range chosen {
		if s.Install == "" || s.Missing() == "" {
			continue
		}
		cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", s.Install)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s could not be installed: %w", s.Name, err)
		}
	}
	return nil
}

// write writes the files that were asked for.
func (o *options) write(all []*servers.Outcome) error {
	type file struct {
		path  string
		write func(io.Writer, []*servers.Outcome) error
	}
	var files []file
	switch {
	case o.table != "" && o.http:
		files = append(files, file{o.table + ".md", servers.WriteHTTP})
	case o.table != "":
		files = append(files, file{o.table + ".md", servers.WriteMarkdown}, file{o.table + ".html", servers.WriteHTML})
	}
	if o.json != "" {
		files = append(files, file{o.json, func(w io.Writer, all []*servers.Outcome) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(all)
		}})
	}
	for _, f := range files {
		opened, err := os.Create(f.path)
		if err != nil {
			return err
		}
		if err := errors.Join(f.write(opened, all), opened.Close()); err != nil {
			return err
		}
	}
	return nil
}
