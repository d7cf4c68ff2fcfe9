package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/pair"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// pairFlags are the flags of pair.
type pairFlags struct {
	listen, host, path, json string
	verbose                  bool
}

func newPair() *cobra.Command {
	var f pairFlags
	cmd := &cobra.Command{
		Use:   "pair FRONT BACK",
		Short: "Judge whether an HTTP proxy and the server behind it agree about where requests end",
		Long: `pair judges whether an HTTP proxy and the server behind it agree about where requests end
(SMUG-8). Where they do not, one client's request can be hidden in another's.

Let the proxy at FRONT send on to the address of --listen. pair listens there in the
server's place, sends FRONT messages that readers are known to end in different places,
keeps what FRONT sends on, byte for byte, and gives each of them to BACK by itself. BACK
need not know of FRONT.

Exit status: 0 they agree; 1 they part, or FRONT sends on what it must not; 2 the call is
wrong; 3 no verdict.`,
		Example: `  streamspec pair 8080 9000 --listen 127.0.0.1:8081`,
		Args:    exactly(2, "the address of a proxy, and that of a server"),
		RunE:    f.run,
	}
	fs := cmd.Flags()
	fs.StringVar(&f.listen, "listen", "127.0.0.1:8081", "where pair listens, and the proxy must send on to")
	fs.StringVar(&f.host, "host", "", "the name by which the proxy is asked, as in Host (its address where it is not given)")
	fs.StringVar(&f.path, "path", "/", "the path that is asked for: the proxy sends it on, and the server answers it")
	fs.StringVar(&f.json, "json", "", "write the report as JSON to this file (- is stdout)")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "say what each message came to")
	return cmd
}

func (f *pairFlags) run(cmd *cobra.Command, args []string) error {
	ctx := cmd.Context()
	if !strings.HasPrefix(f.path, "/") || strings.ContainsFunc(f.path, func(r rune) bool { return r <= ' ' || r > '~' || r == '?' || r == '#' }) {
		return usageError("--path %q is no path: it begins with /, and has no query and no blank", f.path)
	}
	if strings.ContainsFunc(f.host, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }) {
		return usageError("--host %q is no name of a host", f.host)
	}
	stdout := cmd.OutOrStdout()
	file, err := openOutput(stdout, f.json)
	if err != nil {
		return err
	}
	defer file.Close()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return usageError("pair cannot listen at %s: %v: give it a free address with --listen, and let the proxy send on to that", f.listen, err)
	}
	recorder := pair.Record(l)
	defer recorder.Close()
	p := pair.Pair{Host: f.host, Path: f.path, Recorder: recorder}
	for i, place := range []*string{&p.Front, &p.Back} {
		t, err := target.Address(ctx, args[i], 0)
		if err != nil {
			return fmt.Errorf("%s: %w", []string{"FRONT", "BACK"}[i], err)
		}
		*place = t.Address
	}
	if p.Host == "" {
		p.Host = p.Front
	}
	rep, err := p.Judge(ctx)
	if err != nil {
		return err
	}
	if err := file.Write(rep.WriteJSON); err != nil {
		return err
	}
	console := stdout
	if f.json == "-" {
		console = cmd.ErrOrStderr()
	}
	if err := rep.WriteConsole(console, f.verbose); err != nil {
		return fmt.Errorf("the report could not be written: %w", err)
	}
	switch rep.Verdict() {
	case pair.NotConformant:
		return &statusError{status: report.NotConformant.ExitStatus()}
	case pair.NoVerdict:
		return &statusError{status: report.NoVerdict.ExitStatus()}
	}
	return nil
}
