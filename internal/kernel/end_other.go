//go:build !linux

package kernel

import "net/netip"

// EndLookup would look at one end of a connection; this system does not show it.
type EndLookup struct{}

// LookUpEnd returns a lookup that finds nothing.
func LookUpEnd(_, _ netip.AddrPort) *EndLookup { return &EndLookup{} }

// Look returns [ErrNotShown].
func (l *EndLookup) Look() (End, error) { return End{}, ErrNotShown }
