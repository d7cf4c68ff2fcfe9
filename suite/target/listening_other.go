//go:build !linux

package target

// listeners is not known here.
func listeners(int) ([]listener, error) { return nil, ErrUnknown }

// holder is not known here.
func (p *Process) holder([]listener) int { return 0 }
