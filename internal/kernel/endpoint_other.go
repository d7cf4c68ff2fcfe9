//go:build !linux

package kernel

import "net/netip"

// EndpointLookup would look at one end of a connection; this system does not show it.
type EndpointLookup struct{}

// LookUpEndpoint returns a lookup that finds nothing.
func LookUpEndpoint(_, _ netip.AddrPort) *EndpointLookup { return &EndpointLookup{} }

// Look returns [ErrNotShown].
func (l *EndpointLookup) Look() (Endpoint, error) { return Endpoint{}, ErrNotShown }
