//go:build !linux

package kernel

import (
	"errors"
	"time"
)

// Adopt fails: this system leaves a process whose parent ended to its first process.
func Adopt() error { return errors.ErrUnsupported }

// Marked knows none: this system does not tell.
func Marked(string) []Identity { return nil }

// EndDescendants has nobody to end: this system does not tell.
func EndDescendants(time.Duration) {}
