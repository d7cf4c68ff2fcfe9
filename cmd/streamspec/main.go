// Command streamspec judges TCP stream servers by the stream-server contract.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/target"
)

// The exit statuses.
const (
	statusConformant    = 0
	statusNotConformant = 1
	statusUsage         = 2 // the call is wrong
	statusNoVerdict     = 3 // unreachable target, interrupted, only inconclusive, trouble of our own
)

// memoryLimit is what the garbage collector is asked to keep within, whatever a server sends.
const memoryLimit = 160 << 20

func main() {
	debug.SetMemoryLimit(memoryLimit)
	_ = kernel.Adopt() // where a system does not let us, what servers leave behind is found by other means
	status := execute(os.Args[1:], os.Stdout, os.Stderr)
	kernel.EndDescendants(patience.Kill)
	os.Exit(status)
}

// execute runs the command line and returns the exit status. Signals that ask for its end are heeded meanwhile.
func execute(args []string, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT) // for good: one that comes at the very end changes no status
	go heed(ctx, signals, cancel, func() {
		kernel.EndDescendants(patience.Kill)
		os.Exit(statusNoVerdict)
	})
	cmd := newRoot()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	status := statusOf(err)
	if text := message(err); text != "" {
		fmt.Fprintln(stderr, "streamspec: "+text)
	}
	return status
}

// A statusError ends the command with a status. Its text may be empty: everything has been said.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// usageError says that the call is wrong, in one line.
func usageError(format string, args ...any) error {
	return &statusError{statusUsage, fmt.Sprintf(format, args...)}
}

func statusOf(err error) int {
	var s *statusError
	var c *judge.ConfigError
	var u *target.UsageError
	switch {
	case err == nil:
		return statusConformant
	case errors.As(err, &s):
		return s.status
	case errors.As(err, &c), errors.As(err, &u):
		return statusUsage
	default:
		return statusNoVerdict
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	for i, line := range lines {
		lines[i] = show.Prose(line) // it may quote what came from outside
	}
	return strings.Join(lines, "\n")
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "streamspec",
		Short: "Judge TCP stream servers: the same answer however the bytes are cut",
		Long: `streamspec judges TCP servers by the stream-server contract: nothing that a server
answers may depend on how the bytes of a request were cut into segments, when
they came, or what other clients do.

  streamspec run reference                        the embedded reference server
  streamspec run 127.0.0.1:7000 --dialect line    your server
  streamspec run --exec "./server --port {port}"  a server that the suite starts and stops

Exit status: 0 conformant; 1 not conformant; 2 the call is wrong; 3 no verdict.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return usageError("%s (see streamspec --help)", hint.Unknown("command", args[0], commandNames(cmd)))
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	wrapped := fmt.Sprintf("FlagUsagesWrapped %d", consoleOptions(os.Stdout).Width)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages", wrapped)) // which all commands inherit
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return emptyFlag(cmd) }
	root.AddCommand(newRun(), newFuzz(), newReplay(), newServe(), newList(), newExplain(), newProbe(), newPair(), newCheck(), newRecord(), newSelftest(), newVersion())
	return root
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError words what is wrong with a flag, naming the nearest right one.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usageError("--%s is %q: %s (see %s --help)", invalid.GetFlag().Name, invalid.GetValue(), valueWanted(invalid), cmd.CommandPath())
	}
	if !errors.As(err, &missing) {
		return usageError("%v (see %s --help)", err, cmd.CommandPath())
	}
	name := "--" + missing.GetSpecifiedName()
	if letters := missing.GetSpecifiedShortnames(); letters != "" {
		name = "-" + letters
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	return usageError("%s", hint.Unknown("flag", name, known))
}

// emptyFlag refuses a flag that was given nothing, as by a variable of the shell that is not set: it would count as if it were not there.
func emptyFlag(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && f.Name != "only" && f.Name != "skip" { // only has words of its own; to skip nothing is all right
			err = usageError("--%s is empty: give it a value, or leave it out", f.Name)
		}
	})
	return err
}

// valueWanted says what a flag's value must be, in words that are not those of the library that has read it.
func valueWanted(err *pflag.InvalidValueError) string {
	switch kind := err.GetFlag().Value.Type(); kind {
	case "int", "uint64":
		if errors.Is(err, strconv.ErrRange) {
			return "the number is too large"
		}
		if kind == "uint64" {
			return "write a whole number, 0 or above"
		}
		return "write a whole number"
	case "bool":
		return "write true or false, or the flag alone"
	}
	return errors.Unwrap(err).Error() // our own
}

// exactly is cobra.ExactArgs with a sentence that says what is wanted.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError("%s wants %s, and got %d arguments (see %s --help)", cmd.CommandPath(), what, len(args), cmd.CommandPath())
		}
		return nil
	}
}
