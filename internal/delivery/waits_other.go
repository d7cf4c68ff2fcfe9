//go:build !linux

package delivery

import "time"

// immediately is how long a read may take that the system answers at once, where only a deadline keeps it from waiting.
const immediately = 10 * time.Millisecond
