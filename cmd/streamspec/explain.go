package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:     "explain ID",
		Short:   "Explain a requirement, or a family of them",
		Example: "  streamspec explain FRAM-2\n  streamspec explain LINE",
		Args:    exactly(1, "the id of a requirement (FRAM-2) or of a family (FRAM)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			w := cmd.OutOrStdout()
			if r, ok := suite.Lookup(args[0]); ok {
				explain(w, r)
				return nil
			}
			var known []string
			for _, f := range contract.Families() {
				if strings.EqualFold(f.ID, args[0]) {
					fmt.Fprintf(w, "%s, %s: %s.\n", f.ID, f.Name, f.Summary)
					for _, req := range f.Requirements {
						r, _ := suite.Lookup(req.ID)
						fmt.Fprintln(w)
						explain(w, r)
					}
					return nil
				}
				known = append(known, f.ID)
				for _, req := range f.Requirements {
					r, _ := suite.Lookup(req.ID)
					known = append(known, r.ID)
				}
			}
			return usageError("%s", hint.Unknown("requirement", args[0], known))
		},
	}
}

func explain(w io.Writer, r suite.Requirement) {
	fmt.Fprintf(w, "%s  %s  %s\n\n", r.ID, r.Level, r.Title)
	fmt.Fprintf(w, "  %s\n\n", r.Sentence)
	fmt.Fprintf(w, "  Why      %s\n", r.Rationale)
	fmt.Fprintf(w, "  Source   %s\n", r.Citation)
	fmt.Fprintf(w, "  Dialects %s\n", strings.Join(r.Dialects, ", "))
	if tags := r.Needs; len(tags) > 0 {
		fmt.Fprintf(w, "  Needs    %s\n", strings.Join(tags, ", "))
	}
	if len(r.Causes) > 0 {
		fmt.Fprintf(w, "\n  What usually breaks it:\n")
		for _, c := range r.Causes {
			fmt.Fprintf(w, "  - %s\n", c)
		}
	}
	fmt.Fprintf(w, "\n  Shown by:\n")
	for _, c := range rules.Of(r.ID) {
		fmt.Fprintf(w, "  - %s\n", c.ID)
	}
}
