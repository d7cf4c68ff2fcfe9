package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/selftest"
	"github.com/streamspec/streamspec/suite/target"
)

// selftestFlags are the flags of selftest.
type selftestFlags struct {
	json, markdown, resume, against string
	by, merge                       string
	first, brief, inMemory          bool
	atOnce                          int
	dialects, except                []string
	seed                            uint64

	only func(selftest.Subject) []string // see --brief and --only
	seen func(selftest.Outcome) bool     // see --in-memory
}

func newSelftest() *cobra.Command {
	var f selftestFlags
	cmd := &cobra.Command{
		Use:   "selftest [NAME…]",
		Short: "Run the suite against every planted fault: which requirement catches which",
		Long: `selftest judges servers of which it is known what is wrong with them: every planted
fault in every dialect in which it shows, and right servers, several beside one
another. It prints which requirement catches which fault.

A fault that escapes, one that is caught under no requirement that explains it,
and a right server that is blamed are failures of the suite: status 1.

NAME is a fault (streamspec list --faults), a pattern of them (lose-*), a
requirement or a family that faults are named for, or one of the words fault,
rare, trivial, right and unjudged. An interrupted run goes on where it was with --resume.

With --brief, a fault that shows each time is judged by two requirements alone:
the one that caught it first in the matrix of --against, and the one that it is
named for. In much less time, that shows that both still do, and which is the
simpler. Right servers, and those that do not serve, are judged by all. With --in-memory
too, servers are met in memory, and as processes where that does not show what the
matrix says, or what catches a fault is about its process.

With --only and --merge, every server is judged by some requirements, and by the one
that caught it first in the matrix of --merge; what they catch is merged into that
file. That is for a new requirement, or one that has changed. With names and --merge,
these servers are judged by all, and theirs alone is what changes in that file: for a
new fault.`,
		Example: `  streamspec selftest --resume matrix.json
  streamspec selftest LINE crlf-split
  streamspec selftest --first --brief --in-memory --against ci/selftest.json
  streamspec selftest --only LINE-10 --merge ci/selftest.json --markdown ci/selftest.md
  streamspec selftest unicode-strip --merge ci/selftest.json --markdown ci/selftest.md`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&f.dialects, "dialect", nil, "only in these dialects, as line,script, or by an exchange file (exchange)")
	fs.StringSliceVar(&f.except, "except", nil, "leave these out, as NAME selects them")
	fs.BoolVar(&f.first, "first", false, "each server in its last dialect alone, which shows most: the short form")
	fs.BoolVar(&f.brief, "brief", false, "judge each fault by what caught it first in the matrix of --against, and what it is named for, alone")
	fs.BoolVar(&f.inMemory, "in-memory", false, "meet servers in memory where that shows the same, which is quicker; with --brief")
	fs.StringVar(&f.by, "only", "", "judge by these requirements, and merge what they catch into the matrix of --merge")
	fs.StringVar(&f.merge, "merge", "", "the JSON file of the matrix into which what is judged now is merged")
	fs.IntVar(&f.atOnce, "at-once", 4, "how many servers are judged beside one another")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of the suite's random choices")
	fs.StringVar(&f.json, "json", "", "write the matrix as JSON to this file (- is stdout)")
	fs.StringVar(&f.markdown, "markdown", "", "write the matrix as Markdown to this file (- is stdout)")
	fs.StringVar(&f.resume, "resume", "", "keep what is known in this file, and do not judge again what it holds")
	fs.StringVar(&f.against, "against", "", "status 1 also where the matrix differs from the one in this JSON file")
	return cmd
}

func (f *selftestFlags) run(cmd *cobra.Command, names []string) error {
	subjects, err := f.subjects(names)
	if err != nil {
		return err
	}
	var against, known selftest.Matrix
	if f.brief && (f.against == "" || f.json+f.markdown+f.resume != "") {
		return usageError("--brief needs --against, and writes no matrix: it judges by less than all")
	}
	if f.inMemory && !f.brief {
		return usageError("--in-memory needs --brief: what is merged or written is what processes show")
	}
	var merging []string
	if merging, err = f.merging(names); err != nil {
		return err
	}
	var old selftest.Matrix
	if f.merge != "" {
		if old, err = readMatrix(f.merge); err != nil {
			return err
		}
		if f.by != "" {
			f.only = old.Contest(merging)
			subjects = slices.DeleteFunc(subjects, func(s selftest.Subject) bool { return len(f.only(s)) == 0 })
		}
	}
	if f.against != "" {
		if against, err = readMatrix(f.against); err != nil {
			return err
		}
	}
	if f.resume != "" {
		if _, err := os.Stat(f.resume); err == nil {
			if known, err = readMatrix(f.resume); err != nil {
				return err
			}
		}
		if err := writeFile(f.resume, known); err != nil {
			return usageError("what is known cannot be kept: %v", err)
		}
	}
	for _, path := range []string{f.json, f.markdown} {
		if err := writable(path); err != nil {
			return err
		}
	}
	if f.brief {
		f.only = against.Catches
	}
	if f.inMemory {
		f.seen = against.Shown
	}
	debug.SetMemoryLimit(int64(f.atOnce+1) * memoryLimit)
	m, runErr := f.judge(cmd.Context(), cmd.ErrOrStderr(), subjects, known)
	judged := len(m.Outcomes)
	if f.merge != "" && runErr == nil {
		m = old.Merge(m, merging)
		if err := writeFile(f.merge, m); err != nil {
			return fmt.Errorf("the matrix could not be written: %w", err)
		}
	}
	var differences []selftest.Difference
	if f.against != "" && runErr == nil && cmd.Context().Err() == nil {
		if len(names)+len(f.dialects)+len(f.except) > 0 || f.first {
			against = against.Only(subjects)
		}
		differences, runErr = f.compare(cmd, subjects, against, m)
	}
	if err := f.report(cmd.OutOrStdout(), m); err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return &statusError{statusNoVerdict, fmt.Sprintf("interrupted with %d of %d servers judged", judged, len(subjects))}
	}
	if runErr != nil {
		return &statusError{statusNoVerdict, runErr.Error()}
	}
	for _, d := range differences {
		fmt.Fprintf(cmd.ErrOrStderr(), "streamspec: %s differs: %s %s\n", f.against, d.Key, d.Text)
		runErr = &statusError{status: statusNotConformant}
	}
	if len(m.Problems()) > 0 {
		runErr = &statusError{status: statusNotConformant}
	}
	return runErr
}

// merging are the requirements of --only, none where it is not given.
func (f *selftestFlags) merging(names []string) ([]string, error) {
	switch {
	case f.merge == "" && f.by == "":
		return nil, nil
	case f.merge == "":
		return nil, usageError("--only needs --merge: what is judged by some requirements is merged into what is known of all")
	case f.by == "" && len(names) == 0:
		return nil, usageError("--merge needs --only, or the names of servers: what is judged again is merged into what is known")
	case f.brief || f.resume != "" || f.against != "":
		return nil, usageError("--merge cannot be given with --brief, --resume or --against")
	case f.by == "":
		return nil, nil
	}
	set, err := contract.Select(f.by)
	if err != nil {
		return nil, usageError("%v", err)
	}
	return slices.Sorted(maps.Keys(set)), nil
}

// again is how often a server that differs is judged once more: two requirements
// may come to cost the same, and a busy machine decide between them.
const again = 2

// compare returns in what m differs from the matrix of another time, and does so each time.
func (f *selftestFlags) compare(cmd *cobra.Command, subjects []selftest.Subject, against, m selftest.Matrix) ([]selftest.Difference, error) {
	differences := against.Differences(m)
	for try := 0; try < again && len(differences) > 0; try++ {
		differs := map[string]bool{}
		for _, d := range differences {
			differs[d.Key] = true
		}
		var some []selftest.Subject
		for _, s := range subjects {
			if differs[s.String()] {
				some = append(some, s)
			}
		}
		once := selftestFlags{atOnce: f.atOnce, seed: f.seed, only: f.only}
		newer, err := once.judge(cmd.Context(), cmd.ErrOrStderr(), some, selftest.Matrix{})
		if err != nil {
			return nil, err
		}
		left := map[string]bool{}
		for _, d := range against.Only(some).Differences(newer) {
			left[d.Key] = true
		}
		judged := map[string]bool{}
		for _, s := range some {
			judged[s.String()] = true
		}
		differences = slices.DeleteFunc(differences, func(d selftest.Difference) bool { return judged[d.Key] && !left[d.Key] })
	}
	return differences, nil
}

// subjects are those that the flags and names select.
func (f *selftestFlags) subjects(names []string) ([]selftest.Subject, error) {
	if f.atOnce < 1 || f.atOnce > judge.MaxWorkers {
		return nil, usageError("--at-once must be between 1 and %d, not %d", judge.MaxWorkers, f.atOnce)
	}
	if f.json == "-" && f.markdown == "-" {
		return nil, usageError("--json and --markdown cannot both be written to stdout")
	}
	all, err := selftest.Select(selftest.Subjects(), names)
	if err != nil {
		return nil, err
	}
	var out []selftest.Subject
	if len(f.except) > 0 {
		if out, err = selftest.Select(selftest.Subjects(), f.except); err != nil {
			return nil, err
		}
	}
	for _, name := range f.dialects {
		if !slices.Contains(selftest.Dialects(), name) {
			return nil, usageError("%s", hint.Unknown("dialect", name, selftest.Dialects()))
		}
	}
	var some []selftest.Subject
	for i, s := range all {
		last := i+1 == len(all) || all[i+1].Name != s.Name
		left := slices.ContainsFunc(out, func(o selftest.Subject) bool { return o.String() == s.String() })
		if (len(f.dialects) == 0 || slices.Contains(f.dialects, s.Dialect)) && (!f.first || last) && !left {
			some = append(some, s)
		}
	}
	if len(some) == 0 {
		return nil, usageError("the selection is empty: none of these servers shows in %s", strings.Join(f.dialects, ", "))
	}
	return some, nil
}

// judge runs what is not known yet, keeps each outcome as it comes, and returns the matrix.
func (f *selftestFlags) judge(ctx context.Context, stderr io.Writer, subjects []selftest.Subject, known selftest.Matrix) (selftest.Matrix, error) {
	have := map[string]selftest.Outcome{}
	for _, o := range known.Outcomes {
		have[o.Key()] = o
	}
	var left []selftest.Subject
	for _, s := range subjects {
		if _, ok := have[s.String()]; !ok {
			left = append(left, s)
		}
	}
	judged, began := 0, time.Now()
	var keepErr error
	_, err := selftest.Run(ctx, left, selftest.Config{
		Launch: func(s selftest.Subject) (*target.Launcher, error) {
			return selfLauncher(s.Serves(), subjectFlags(s)...)
		},
		AtOnce: f.atOnce, Seed: f.seed, Only: f.only, Seen: f.seen,
		Done: func(o selftest.Outcome) {
			have[o.Key()] = o
			judged++
			f.say(stderr, o, judged, len(left), time.Since(began))
			if f.resume != "" && keepErr == nil {
				known.Outcomes = append(known.Outcomes, o)
				keepErr = writeFile(f.resume, selftest.NewMatrix(known.Outcomes))
			}
		},
	})
	var outcomes []selftest.Outcome
	for _, s := range subjects {
		if o, ok := have[s.String()]; ok {
			outcomes = append(outcomes, o)
		}
	}
	if err == nil && keepErr != nil {
		err = fmt.Errorf("what is known could not be kept: %w", keepErr)
	}
	return selftest.NewMatrix(outcomes), err
}

// subjectFlags are the flags by which serve becomes the subject.
func subjectFlags(s selftest.Subject) []string {
	switch {
	case s.Name == selftest.Reference:
		return nil
	case s.Kind == selftest.Right || s.Kind == selftest.Unjudged:
		return []string{"--odd", s.Name}
	}
	return []string{"--fault", s.Name}
}

// say tells how the run goes on: a line for each outcome, or on a terminal one line that changes.
func (f *selftestFlags) say(w io.Writer, o selftest.Outcome, judged, of int, took time.Duration) {
	text := fmt.Sprintf("%3d of %d  %4.0f s  %-32s %s", judged, of, took.Seconds(), o.Key(), orWord(o.First, string(o.Conclusion)))
	if o.Problem != "" {
		text += "  ✗ " + o.Problem
	}
	if isTerminal(w) && o.Problem == "" && judged < of {
		fmt.Fprintf(w, "\r\x1b[K%s", text)
		return
	}
	if isTerminal(w) {
		fmt.Fprint(w, "\r\x1b[K")
	}
	fmt.Fprintln(w, text)
}

func orWord(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
