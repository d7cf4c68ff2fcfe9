package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/show"
)

func newCheck() *cobra.Command {
	var printIt bool
	cmd := &cobra.Command{
		Use:   "check FILE.yaml… | preset:NAME",
		Short: "Say what is wrong with exchange files",
		Long: `check reads exchange files and says what is wrong with each, with line and
column. A file that is right is shown as it was understood: every message, and
what must be answered. What is right, and is hardly meant, is pointed at: a name between
braces that is none, a backslash that is no escape, exchanges that write the same for
all connections. Nothing is sent.`,
		Example: `  streamspec check myserver.yaml
  streamspec check preset:redis --print > myredis.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("check wants exchange files, or presets (%s)", "preset:NAME")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var wrong error
			for _, name := range args {
				f, text, err := judge.ReadExchange(name)
				switch {
				case err != nil:
					if wrong != nil {
						fmt.Fprintln(cmd.ErrOrStderr(), "streamspec: "+message(wrong))
					}
					wrong = &statusError{statusUsage, err.Error()}
				case printIt:
					if _, err := cmd.OutOrStdout().Write(text); err != nil {
						return err
					}
				default:
					if err := showExchange(cmd.OutOrStdout(), name, f); err != nil {
						return err
					}
					for _, w := range f.Warnings {
						fmt.Fprintln(cmd.ErrOrStderr(), "streamspec: look at "+show.Prose(w.Error()))
					}
				}
			}
			return wrong
		},
	}
	cmd.Flags().BoolVar(&printIt, "print", false, "print the file itself, such as a preset to begin with")
	return cmd
}

// showExchange prints how a file was understood.
func showExchange(w io.Writer, name string, f *exchange.File) error {
	fmt.Fprintf(w, "%s: %s, %s\n", show.Prose(name), show.Prose(f.Protocol), counted(len(f.Messages), "exchange"))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if f.Greets {
		fmt.Fprintf(t, "  the server speaks first\t\t%s\n", expected(exchange.Step{Expect: f.Greeting}))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		fmt.Fprintf(t, "  --set %s=…\t%s\t\n", show.Prose(name), clip(fmt.Sprintf("%q", f.Values[name])))
	}
	for i, s := range f.Setup {
		fmt.Fprintf(t, "  set-up %d\t%s\t%s\n", i+1, sent(s.Send), expected(s))
	}
	for _, m := range f.Messages {
		more := ""
		switch {
		case m.Closes:
			more = ", and the server closes"
		case m.Pipelines:
			more = ", pipelines"
		}
		if len(m.Before) > 0 {
			more += ", behind " + counted(len(m.Before), "step")
		}
		if _, most, ok := m.Send.Grows(); ok {
			more += fmt.Sprintf(", a part grows up to %s", show.CountOf(int64(most), "byte"))
		}
		fmt.Fprintf(t, "  %s\t%s\t%s%s\n", show.Prose(m.Name), sent(m.Send), expected(m.Step), more)
	}
	if f.Leave != nil {
		fmt.Fprintf(t, "  to leave\t%s\t%s\n", sent(f.Leave.Send), expected(*f.Leave))
	}
	if f.Unasked != nil {
		fmt.Fprintf(t, "  the server may speak unasked at any time\t\t\n")
	}
	for _, m := range f.Masks {
		fmt.Fprintf(t, "  masked\t%s\t\n", show.Prose(m.Name))
	}
	return t.Flush()
}

func counted(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func sent(v exchange.Value) string { return clip(fmt.Sprintf("%q", v.Bytes(exchange.Conn))) }

func expected(s exchange.Step) string {
	right := s.Right(exchange.Names{"conn": exchange.Conn})
	if right == nil {
		return "→ whatever the server says to the whole message"
	}
	return "→ " + clip(show.Prose(right.Words()))
}

// clip shortens what is quoted.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(slices.Concat(r[:most-1], []rune("…")))
	}
	return s
}
