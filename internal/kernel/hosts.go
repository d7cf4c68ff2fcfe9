package kernel

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// candidatesMax is how many addresses of a host name are considered.
const candidatesMax = 8

// Loopbacks returns the machine's own addresses, in the order of our preference.
func Loopbacks() []netip.Addr {
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
}

// Resolve returns the addresses of a host: a literal's own, else a name's in
// the resolver's order. localhost is known even where no resolver is.
func Resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return ResolveBy(ctx, net.DefaultResolver, host)
}

// ResolveBy is Resolve, with the resolver that is asked.
func ResolveBy(ctx context.Context, by *net.Resolver, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	found, err := by.LookupNetIP(ctx, "ip", host)
	if err != nil || len(found) == 0 {
		if host == "localhost" {
			return Loopbacks(), nil
		}
		return nil, err
	}
	return candidates(found), nil
}

// candidates returns the addresses that differ, in their order, as many as are considered.
func candidates(found []netip.Addr) []netip.Addr {
	var distinct []netip.Addr
	for _, a := range found {
		if a = a.Unmap(); !slices.Contains(distinct, a) && len(distinct) < candidatesMax {
			distinct = append(distinct, a)
		}
	}
	return distinct
}

// Local tells whether an address is this machine's own.
func Local(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, o := range own {
		if prefix, err := netip.ParsePrefix(o.String()); err == nil && prefix.Addr().WithZone("") == a.WithZone("") {
			return true
		}
	}
	return false
}

// DialHost returns where to connect for a host that a server is told to listen
// on: loopback for the wildcard addresses.
func DialHost(host string) string {
	switch host = strings.Trim(host, "[]"); host {
	case "", "0.0.0.0", "*":
		return "127.0.0.1"
	case "::":
		return "::1"
	}
	return host
}
