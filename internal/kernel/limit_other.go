//go:build !linux

package kernel

// LimitDescriptors returns [ErrUnknown]: the limit of another process cannot be set here.
func LimitDescriptors(_, _ int) error { return ErrUnknown }

// FreeDescriptors returns [ErrUnknown].
func FreeDescriptors(int) (int, error) { return 0, ErrUnknown }
