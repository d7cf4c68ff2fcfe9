//go:build !linux

package kernel

// Load is not ok: this system does not tell.
func Load() (load float64, ok bool) { return 0, false }
