package main

import (
	"io"

	"github.com/streamspec/streamspec/internal/output"
	"github.com/streamspec/streamspec/suite/report"
)

// openOutput refuses a place to which nothing can be written: the call is wrong then.
func openOutput(stdout io.Writer, path string) (*output.File, error) {
	o, err := output.Open(stdout, path)
	if err != nil {
		return o, usageError("%v", err)
	}
	return o, nil
}

// reports are the report files of a run.
type reports struct{ json, junit *output.File }

func openReports(stdout io.Writer, json, junit string) (files reports, err error) {
	if files.json, err = openOutput(stdout, json); err != nil {
		return files, err
	}
	if files.junit, err = openOutput(stdout, junit); err != nil {
		files.close()
	}
	return files, err
}

// write puts the report into every file.
func (files reports) write(rep *report.Report) error {
	if err := files.json.Write(func(w io.Writer) error { return report.WriteJSON(w, rep) }); err != nil {
		return err
	}
	return files.junit.Write(func(w io.Writer) error { return report.WriteJUnit(w, rep) })
}

func (files reports) close() {
	files.json.Close()
	files.junit.Close()
}
