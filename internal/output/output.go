// Package output writes the files that a command line names: whole, or not at all.
package output

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/streamspec/streamspec/internal/show"
)

// A File is one that a command line names: "" is none, and - is stdout. It is written beside its place and renamed
// when it is whole, so that it is whole or not there, whatever ends the program; a device, a pipe, and a file in a folder that takes no
// other, are written to directly.
type File struct {
	path  string
	place string   // where it leads, past links; "" where it is written to directly, or is none
	file  *os.File // what there is at path; nil where there is none
	out   io.Writer
}

// Open refuses a place to which nothing can be written, and leaves what is there until there is something to write. Its error says what is wrong with the call, in one sentence.
func Open(stdout io.Writer, path string) (o *File, err error) {
	o = &File{path: path, out: stdout}
	if path == "" || path == "-" {
		return o, nil
	}
	o.place = path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		o.place = real
	}
	info, err := os.Stat(o.place)
	switch {
	case err == nil && !info.Mode().IsRegular():
		if o.file, err = openNow(o.place); err != nil {
			return o, unwritable(path, err)
		}
		o.place, o.out = "", o.file
		return o, nil
	case err == nil:
		if o.file, err = os.OpenFile(o.place, os.O_WRONLY, 0); err != nil {
			return o, unwritable(path, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return o, unwritable(path, err)
	}
	beside, err := o.beside()
	switch {
	case err == nil:
		_ = beside.Close() // nothing was written to it
		err = os.Remove(beside.Name())
	case o.file != nil: // it can be written to, and no other be put beside it
		o.place, o.out, err = "", o.file, nil
	}
	if err != nil {
		o.Close()
		return o, unwritable(path, err)
	}
	return o, nil
}

// beside makes the file that becomes the one at the place.
func (o *File) beside() (*os.File, error) {
	name := filepath.Join(filepath.Dir(o.place), "."+filepath.Base(o.place)+"."+rand.Text()[:8])
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// unwritable says that the call is wrong: nothing can be written there.
func unwritable(path string, err error) error {
	if isUnread(err) {
		return fmt.Errorf("the report cannot be written: %s is a pipe that nobody reads: start its reader first", show.Prose(path))
	}
	return fmt.Errorf("the report cannot be written: %w", err)
}

// Write puts what f writes into the file. Its error says that it could not be written, and why.
func (o *File) Write(f func(io.Writer) error) error {
	if o.path == "" {
		return nil
	}
	var buf bytes.Buffer
	err := f(&buf)
	switch {
	case err != nil:
	case o.place != "":
		err = o.replace(buf.Bytes())
	default:
		err = o.direct(buf.Bytes())
	}
	if err != nil {
		return fmt.Errorf("the report could not be written to %s: %w", show.Prose(o.path), err)
	}
	return nil
}

// replace puts a file of these bytes into the place.
func (o *File) replace(b []byte) error {
	file, err := o.beside()
	if err != nil {
		return err
	}
	if o.file != nil {
		if info, statErr := o.file.Stat(); statErr == nil {
			err = file.Chmod(info.Mode().Perm())
		}
	}
	if err == nil {
		_, err = file.Write(b)
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), o.place)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the cause is in err
	}
	return err
}

// direct writes to what is open. A device or a pipe cannot be truncated, and need not be.
func (o *File) direct(b []byte) error {
	if o.file != nil {
		if info, err := o.file.Stat(); err == nil && info.Mode().IsRegular() {
			if err := o.file.Truncate(0); err != nil {
				return err
			}
		}
	}
	_, err := o.out.Write(b)
	return err
}

// Close gives back what is open of it.
func (o *File) Close() {
	if o != nil && o.file != nil {
		_ = o.file.Close() // what was written has been checked
	}
}
