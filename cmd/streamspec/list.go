package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/dialect"
)

func newList() *cobra.Command {
	var name string
	var faults, odd bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the requirements, the planted faults, or the odd servers",
		Args:  exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name != "" {
				if _, ok := dialect.Lookup(name); !ok {
					return usageError("%s", suite.Unknown("dialect", name, dialect.Names()))
				}
			}
			if faults && odd {
				return usageError("list shows either the --faults or the --odd servers")
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
	cmd.Flags().BoolVar(&odd, "odd", false, "list the right servers that look odd, for serve --odd")
	cmd.Flags().BoolVar(&faults, "faults", false, "list the faults that --fault plants")
	return cmd
}

func listRequirements(w io.Writer, only string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	d, narrowed := dialect.Lookup(only)
	for _, f := range suite.Families() {
		headed := false
		for _, r := range f.Requirements {
			if narrowed && !r.In(d) {
				continue
			}
			if !headed {
				fmt.Fprintf(t, "%s\t\t%s\n", f.ID, f.Name)
				headed = true
			}
			fmt.Fprintf(t, "  %s\t%s\t%s%s\t%s\n", r.ID, r.Level, r.Title, tags(r), r.Dialects)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nThe letters are the dialects that can show it: e echo, g greet, l line, s script.")
	return err
}

func tags(r suite.Requirement) string {
	if t := r.Needs().Tags(); len(t) > 0 {
		return " [" + strings.Join(t, ", ") + "]"
	}
	return ""
}

func listFaults(w io.Writer, only string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range faulty.All() {
		dialects := strings.Join(f.Dialects, " ")
		if only == "" || strings.Contains(" "+dialects+" ", " "+only+" ") {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", f.Name, f.Requirement, dialects, f.Sentence)
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
