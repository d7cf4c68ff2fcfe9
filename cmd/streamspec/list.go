package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/dialects"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
)

func newList() *cobra.Command {
	var name string
	var faults, odd, presets bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the requirements, the planted faults, the odd servers, or the presets",
		Args:  exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, ok := dialects.Lookup(name); !ok && name != "" {
				return usageError("%s", hint.Unknown("dialect", name, dialects.Names()))
			}
			if faults && odd || faults && presets || odd && presets {
				return usageError("list shows either the --faults, the --odd servers, or the --presets")
			}
			if presets {
				return listPresets(cmd.OutOrStdout())
			}
			if odd {
				return listOdd(cmd.OutOrStdout(), name)
			}
			if faults {
				return listFaults(cmd.OutOrStdout(), name)
			}
			return listRequirements(cmd.OutOrStdout(), name)
		},
	}
	cmd.Flags().StringVar(&name, "dialect", "", "only what shows in this dialect")
	cmd.Flags().BoolVar(&presets, "presets", false, "list the exchange files that are built in, for --dialect preset:NAME")
	cmd.Flags().BoolVar(&odd, "odd", false, "list the right servers that look odd, for serve --odd")
	cmd.Flags().BoolVar(&faults, "faults", false, "list the faults that --fault plants")
	return cmd
}

func listRequirements(w io.Writer, only string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	shows := func(r suite.Requirement) bool { return only == "" || slices.Contains(r.Dialects, only) }
	for _, f := range contract.Families() {
		headed := false
		for _, req := range f.Requirements {
			r, _ := suite.Lookup(req.ID)
			if !shows(r) {
				continue
			}
			if !headed {
				fmt.Fprintf(t, "%s\t\t%s\n", f.ID, f.Name)
				headed = true
			}
			fmt.Fprintf(t, "  %s\t%s\t%s%s\t%s\n", r.ID, r.Level, r.Title, tags(r), r.Letters())
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nThe letters are the dialects that can show it: e echo, g greet, l line, s script, h http1, x an exchange file.")
	return err
}

func listPresets(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range exchange.Presets() {
		f, _, err := judge.ReadExchange("preset:" + name)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "preset:%s\t%s\t%s\n", name, f.Protocol, f.About)
	}
	return t.Flush()
}

func tags(r suite.Requirement) string {
	if t := r.Needs; len(t) > 0 {
		return " [" + strings.Join(t, ", ") + "]"
	}
	return ""
}

func listFaults(w io.Writer, only string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range faulty.All() {
		shows := strings.Join(f.Dialects, " ")
		if only == "" || slices.Contains(f.Dialects, only) {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", f.Name, f.Requirement, shows, f.Sentence)
		}
	}
	return t.Flush()
}

func listOdd(w io.Writer, only string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range faulty.Controls() {
		if only == "" || slices.Contains(c.Dialects, only) {
			fmt.Fprintf(t, "%s\t%s\t%s\n", c.Name, strings.Join(c.Dialects, " "), c.Sentence)
		}
	}
	return t.Flush()
}
