package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/streamspec/streamspec/suite/report"
)

// An output is a file that the command line names, opened before anything is sent; "" is none, and - is stdout.
type output struct {
	path string
	file *os.File // nil is out
	out  io.Writer
}

// openOutput opens the file for writing, and leaves what is in it until there is something to write.
func openOutput(stdout io.Writer, path string) (o output, err error) {
	o = output{path: path, out: stdout}
	if path != "" && path != "-" {
		if o.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644); err != nil {
			return o, usageError("the report cannot be written: %v", err)
		}
		o.out = o.file
	}
	return o, nil
}

// write puts what f writes into the file.
func (o output) write(f func(io.Writer) error) error {
	if o.path == "" {
		return nil
	}
	var buf bytes.Buffer
	err := f(&buf)
	if err == nil && o.file != nil {
		// A device or a pipe cannot be truncated, and need not be.
		if info, statErr := o.file.Stat(); statErr == nil && info.Mode().IsRegular() {
			err = o.file.Truncate(0)
		}
	}
	if err == nil {
		_, err = o.out.Write(buf.Bytes())
	}
	if err != nil {
		return fmt.Errorf("the report could not be written to %s: %w", o.path, err)
	}
	return nil
}

func (o output) close() {
	if o.file != nil {
		_ = o.file.Close() // what was written has been checked
	}
}

// reports are the report files of a run.
type reports struct{ json, junit output }

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
	if err := files.json.write(func(w io.Writer) error { return report.WriteJSON(w, rep) }); err != nil {
		return err
	}
	return files.junit.write(func(w io.Writer) error { return report.WriteJUnit(w, rep) })
}

func (files reports) close() {
	files.json.close()
	files.junit.close()
}
