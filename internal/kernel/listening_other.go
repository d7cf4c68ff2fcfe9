//go:build !linux

package kernel

// Listeners returns [ErrUnknown].
func Listeners(int) ([]Listener, error) { return nil, ErrUnknown }

// queues returns [ErrUnknown].
func queues(int) ([]Listener, error) { return nil, ErrUnknown }

// Holder is not known here.
func Holder(int, []Listener) int { return 0 }
