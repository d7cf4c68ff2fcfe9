//go:build linux

package faulty_test

import (
	"fmt"
	"strings"
)

// keepsNoBeginnings measures what is in use of this process's memory, the server in it, while a line comes in parts.
func keepsNoBeginnings(s target, dialect string) error {
	const parts, bound = 64, 8 << 20
	part := strings.Repeat("b", 16<<10)
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	before := inUse()
	for i := range parts {
		t := turn{part, part}
		if i == 0 {
			t = say(dialect, part)
		}
		if err := c.take(t); err != nil {
			return err
		}
	}
	if grown := int64(inUse()) - int64(before); grown > bound {
		return fmt.Errorf("%d bytes of a line have come, and %d are kept", parts*len(part), grown)
	}
	return nil
}
