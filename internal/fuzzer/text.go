package fuzzer

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
)

// Text is the evidence of a failure for people, as [report.FailureText] draws it; again is the command that shows it again.
func (f *Failure) Text(again string, o report.ConsoleOptions) string {
	r := report.Result{ID: f.Requirement, Level: report.Must, Title: f.Problem, Verdict: report.Fail}
	evidence := f.Evidence
	if known, ok := web.Requirement(f.Requirement); ok {
		r.Level, r.Title = known.Level, known.Title
		evidence.Requirement, evidence.Causes = known.Sentence, known.Causes
	}
	evidence.Problem, evidence.Failed, evidence.Runs, evidence.Again = f.Problem, f.Failed, f.Runs, again
	r.Failure = &evidence
	return report.FailureText(r, o)
}

// Verdict is the outcome in one sentence, the last of the text.
func (r *Result) Verdict() string {
	what := fmt.Sprintf("%s of seed %d in %s", show.CountOf(r.Plans, "plan"), r.Seed, r.Elapsed.Round(100*time.Millisecond))
	switch {
	case len(r.Failures) > 0:
		return fmt.Sprintf("not conformant: %s in %s", show.CountOf(len(r.Failures), "failure"), what)
	case r.Wrong:
		return "not conformant: " + r.Trouble
	case r.Trouble != "":
		return "no verdict: " + r.Trouble
	case r.Interrupted:
		return "interrupted: no failure in " + what
	case r.Plans == 0:
		return "no verdict: the time was over before a plan had been played, in " + r.Elapsed.Round(100*time.Millisecond).String()
	case r.Late > 0:
		return fmt.Sprintf("no verdict: %s went without an answer once, and not when they were played again, in %s", show.CountOf(r.Late, "plan"), what)
	case r.Unexplained > 0:
		return fmt.Sprintf("no verdict: %s failed and could not be looked into, in %s", show.CountOf(r.Unexplained, "plan"), what)
	}
	return "no failure in " + what
}

// Conclusion is what the run amounts to.
func (r *Result) Conclusion() report.Conclusion {
	switch {
	case len(r.Failures) > 0 || r.Wrong:
		return report.NotConformant
	case r.Trouble != "" || r.Interrupted || r.Unexplained > 0 || r.Late > 0 || r.Plans == 0:
		return report.NoVerdict
	}
	return report.Conformant
}

// WriteText writes the closing table: each failure, what it is and how it is shown in lines of their own, what was played, and the verdict.
func (r *Result) WriteText(w io.Writer) error {
	for i, f := range r.Failures {
		how := "always"
		switch {
		case f.Runs < 2:
			how = "once"
		case !f.Certain():
			how = fmt.Sprintf("%d of %d times", f.Failed, f.Runs)
		}
		seen := ""
		if f.Seen > 1 {
			seen = ", " + show.CountOf(f.Seen, "time")
		}
		saved := ""
		switch {
		case f.SaveError != nil:
			saved = ": not saved: " + f.SaveError.Error()
		case f.File != "":
			saved = ": " + f.File
		}
		if _, err := fmt.Fprintf(w, "%3d  %-7s %s, found after %s%s\n     %s\n     by %s%s\n", i+1, f.Requirement, how,
			show.CountOf(f.After, "plan"), seen, show.Bytes([]byte(cmp.Or(f.Drawn, f.Problem))), Size(f.Plan), saved); err != nil {
			return err
		}
	}
	for _, n := range r.Notes {
		if _, err := fmt.Fprintf(w, "note: %s\n", n); err != nil {
			return err
		}
	}
	if r.Plans > 0 {
		rate := float64(r.Plans) / max(r.Elapsed.Seconds(), 0.001)
		if _, err := fmt.Fprintf(w, "%s, %.0f a second; %s%s%s%s\n", show.CountOf(r.Plans, "plan"), rate, r.cuts(),
			also(r.Kept, "kept for what they reached"), also(r.Late, "unanswered once and right when played again"), also(r.Restarts, "restarts of the server")); err != nil {
			return err
		}
	}
	if len(r.Failures) > 0 && r.Trouble != "" {
		if _, err := fmt.Fprintf(w, "note: %s\n", r.Trouble); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, r.Verdict())
	return err
}

func (r *Result) cuts() string {
	if r.Cuts.Made == 0 {
		return "no cuts"
	}
	if !r.Confirms {
		return show.CountOf(r.Cuts.Made, "cut") + ", which could not be confirmed"
	}
	return fmt.Sprintf("%s, %.1f %% confirmed", show.CountOf(r.Cuts.Made, "cut"), 100*float64(r.Cuts.Confirmed)/float64(r.Cuts.Made))
}

// Line is the status in one line.
func (s Status) Line() string {
	text := fmt.Sprintf("%s  %s, %.0f a second, %s", s.Elapsed.Round(time.Second), show.CountOf(s.Plans, "plan"), float64(s.Plans)/max(s.Elapsed.Seconds(), 0.001), show.CountOf(s.Failures, "failure"))
	if s.Cuts.Made > 0 {
		text += fmt.Sprintf(", %.0f %% of %s confirmed", 100*float64(s.Cuts.Confirmed)/float64(s.Cuts.Made), show.CountOf(s.Cuts.Made, "cut"))
	}
	if s.Kept > 0 {
		text += fmt.Sprintf(", %d kept", s.Kept)
	}
	if s.Shrinking {
		text += ", looking into a failure"
	}
	return text
}

// Size is how large a plan is, in words.
func Size(p plan.Plan) string {
	text := fmt.Sprintf("%s and %s", show.CountOf(p.Cuts(), "cut"), show.CountOf(p.Len(), "byte"))
	if c := p.Clients[0]; c.Exchanges() {
		text = fmt.Sprintf("%s and %s", show.CountOf(p.Cuts(), "cut"), show.CountOf(len(c.Requests), "exchange"))
	}
	if len(p.Clients) > 1 {
		text = show.CountOf(len(p.Clients), "client") + ", " + text
	}
	return text
}

func also(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d %s", n, what)
}
