//go:build unix

package output

import (
	"errors"
	"os"
	"syscall"
)

// openNow opens a device or a pipe for writing, and does not wait for who reads a pipe.
func openNow(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// isUnread says whether opening failed because nobody reads the pipe.
func isUnread(err error) bool { return errors.Is(err, syscall.ENXIO) }
