package oracle

import (
	"errors"

	"github.com/streamspec/streamspec/reference"
)

// What an operation returns beside io.EOF, which is the end of the stream with
// nothing left.
var (
	ErrWait  = errors.New("oracle: more must come first") // and nothing was taken
	ErrText  = errors.New("oracle: not UTF-8")            // and it was taken
	ErrLimit = errors.New("oracle: limit out of range")   // and nothing was taken
)

// Kind returns the model's error for an error of the reference, and any other as
// it is.
func Kind(err error) error {
	switch {
	case errors.Is(err, reference.ErrInvalidUTF8):
		return ErrText
	case errors.Is(err, reference.ErrLimit):
		return ErrLimit
	}
	return err
}
