package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/streamspec/streamspec/internal/selftest"
)

// report writes the matrix in each form that is asked for; as text to stdout unless another form goes there.
func (f *selftestFlags) report(stdout io.Writer, m selftest.Matrix) error {
	for _, r := range []struct {
		path  string
		write func(io.Writer) error
	}{{f.json, m.Write}, {f.markdown, m.WriteMarkdown}} {
		var buf bytes.Buffer
		if err := r.write(&buf); err != nil {
			return err
		}
		var err error
		switch r.path {
		case "":
		case "-":
			_, err = stdout.Write(buf.Bytes())
		default:
			err = os.WriteFile(r.path, buf.Bytes(), 0o644)
		}
		if err != nil {
			return fmt.Errorf("the matrix could not be written: %w", err)
		}
	}
	if f.json == "-" || f.markdown == "-" {
		return nil
	}
	return m.WriteText(stdout)
}

// writable refuses a path to which nothing can be written, and leaves what is there.
func writable(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return usageError("the matrix cannot be written: %v", err)
	}
	return file.Close()
}

// readMatrix reads a file that holds a matrix.
func readMatrix(path string) (selftest.Matrix, error) {
	file, err := os.Open(path)
	if err != nil {
		return selftest.Matrix{}, usageError("the matrix cannot be read: %v", err)
	}
	defer file.Close()
	m, err := selftest.Read(file)
	if err != nil {
		return m, usageError("%s cannot be used: %v", path, err)
	}
	return m, nil
}

// writeFile puts the matrix into a file, whole or not at all.
func writeFile(path string, m selftest.Matrix) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = selftest.NewMatrix(m.Outcomes).Write(file)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the cause is in err
	}
	return err
}
