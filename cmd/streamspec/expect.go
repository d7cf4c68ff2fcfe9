package main

import (
	"fmt"
	"io"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/output"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/internal/waiver"
	"github.com/streamspec/streamspec/suite/report"
)

// known reads what is known of the server, and opens the file that is to say it from now on, where it is to be written.
func (f *runFlags) known() (*output.File, error) {
	if f.update && f.expect == "" {
		return nil, usageError("--expect-update writes the file that --expect names: give it that too")
	}
	known, err := waiver.Load(f.expect, f.baseline, f.cfg.Dialect, f.cfg.Strict, f.update)
	if f.cfg.Known = known; err != nil {
		return nil, usageError("%v", err)
	}
	if !f.update {
		return new(output.File), nil
	}
	return openOutput(io.Discard, f.expect)
}

// updateExpected writes what is known of the server as the run has it, and says of the run what holds of that.
func (f *runFlags) updateExpected(file *output.File, rep *report.Report) error {
	if !f.update {
		return nil
	}
	if rep.Trouble != "" || rep.Interrupted {
		rep.Notes = append(rep.Notes, fmt.Sprintf("%s was left as it is: the run came to no end", show.Prose(f.expect)))
		return nil
	}
	text, err := f.cfg.Known.Waivers.Update(rep)
	if err == nil {
		err = f.cfg.Known.Update(rep, f.expect, text, contract.IDs())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", show.Prose(f.expect), err)
	}
	rep.Notes = append(rep.Notes, fmt.Sprintf("%s says now what is broken: %s", show.Prose(f.expect), show.CountOf(len(f.cfg.Known.Waivers.Entries), "requirement")))
	return file.Write(func(w io.Writer) error { _, err := w.Write(text); return err })
}
