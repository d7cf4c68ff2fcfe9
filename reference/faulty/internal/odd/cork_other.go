//go:build !linux

package odd

import (
	"errors"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// cork fails: the systems' words for it differ.
func cork(plant.Conn, bool) error { return errors.ErrUnsupported }
