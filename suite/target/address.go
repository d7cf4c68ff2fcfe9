package target

import (
	"context"
	"errors"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
)

// maxPort is the highest port of TCP.
const maxPort = 65535

// Address makes a target of a server that runs already. text is host:port,
// :port or a port, IPv6 in brackets; without a host it is this machine. Of a
// name's addresses the first one is taken that answers. pid is the server's
// process id, 0 when it is not known.
//
// Where this machine tells that a socket listens there (Linux, its own
// addresses) nothing is connected to: some servers serve one connection only.
// Else one connection is made, and closed.
//
// The error is a *UsageError for a text that is no address and a process that
// does not exist, or does not listen there, or an *UnreachableError, after three seconds at the latest.
func Address(ctx context.Context, text string, pid int) (*Target, error) {
	return addressBy(ctx, net.DefaultResolver, text, pid)
}

// addressBy is Address, with the resolver that is asked for the addresses of a name.
func addressBy(ctx context.Context, by *net.Resolver, text string, pid int) (*Target, error) {
	host, port, err := splitAddress(text)
	if err != nil {
		return nil, err
	}
	t := &Target{Name: text, Kind: KindAddress, pid: pid}
	if pid != 0 {
		if t.observed, err = observe(pid); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience.Reach)
	defer cancel()
	addresses := kernel.Loopbacks()
	if host != "" {
		if addresses, err = kernel.ResolveBy(ctx, by, kernel.DialHost(host)); err != nil {
			return nil, &UnreachableError{Address: text, Err: err,
				Message: "the host " + host + " has no address that can be found: check its spelling, or give its IP address"}
		}
	}
	answers, err := reach(ctx, addresses, port)
	if err != nil {
		return nil, unreachable(text, answers, err)
	}
	if err := holds(pid, answers); err != nil {
		return nil, err
	}
	t.Address = answers.String()
	return t, nil
}

// holds refuses a process that does not listen at the address, where the system tells: what is seen of it would be said of the server.
func holds(pid int, at netip.AddrPort) error {
	if pid == 0 {
		return nil
	}
	found, err := kernel.Listeners(int(at.Port()))
	if err != nil {
		return nil // it cannot be told
	}
	switch holds, other, known := kernel.Holds(pid, kernel.Reaching(found, []netip.Addr{at.Addr()})); {
	case !known || holds:
		return nil
	case other != 0:
		return usage(nil, "process %d does not hold the socket that listens on %s: give that of process %d, which does", pid, at, other)
	}
	return usage(nil, "process %d does not hold the socket that listens on %s: give the process id of the server that does", pid, at)
}

// splitAddress takes an address apart; host is "" when none was given.
func splitAddress(text string) (host string, port int, err error) {
	const forms = "write host:port, [IPv6]:port or a port alone, such as 127.0.0.1:8080"
	digits := text
	switch {
	case text == "":
		return "", 0, usage(nil, "the address is empty: %s", forms)
	case strings.Contains(text, "://"):
		return "", 0, usage(nil, "%q is a URL, not an address: %s", text, forms)
	case strings.Trim(text, "0123456789") != "":
		if host, digits, err = net.SplitHostPort(text); err != nil {
			if _, bad := netip.ParseAddr(strings.Trim(text, "[]")); bad == nil {
				return "", 0, usage(err, "%q has no port: %s", text, forms)
			}
			return "", 0, usage(err, "%q is no address: %s", text, forms)
		}
	}
	if digits == "" {
		return "", 0, usage(nil, "%q has no port: %s", text, forms)
	}
	if strings.Trim(digits, "0123456789") != "" {
		return "", 0, usage(nil, "the port %q is no number: %s", digits, forms)
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > maxPort {
		return "", 0, usage(err, "port %s does not exist: give one from 1 to %d", digits, maxPort)
	}
	if !plausible(host) {
		return "", 0, usage(nil, "%q is no host name and no IP address: %s", host, forms)
	}
	return host, port, nil
}

// plausible tells whether a host may be asked for: an IP address, or a name of
// bounded length without what never stands in one.
func plausible(host string) bool {
	const longest = 253 // of a name in the DNS
	if strings.ContainsAny(host, ":%") {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	return len(host) <= longest && !strings.ContainsFunc(host, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`/\?#@[]"'<>(){},;=&|*`, r)
	})
}

// observe takes note of a process that the user named.
func observe(pid int) (*kernel.Identity, error) {
	if pid < 1 || pid > math.MaxInt32 {
		return nil, usage(nil, "%d is no process id: give that of the running server", pid)
	}
	i, err := kernel.Identify(pid)
	if err != nil {
		return nil, usage(err, "process %d does not exist: give the process id of the running server", pid)
	}
	return &i, nil
}

// reach returns the first address that answers; with an error, the last one
// that was tried.
func reach(ctx context.Context, addresses []netip.Addr, port int) (netip.AddrPort, error) {
	if found, err := kernel.Listeners(port); err == nil {
		for _, a := range addresses {
			if len(kernel.Reaching(found, []netip.Addr{a})) > 0 {
				return netip.AddrPortFrom(a, uint16(port)), nil
			}
		}
	}
	err := errors.New("the host has no address")
	var tried netip.AddrPort
	for i, a := range addresses {
		tried = netip.AddrPortFrom(a, uint16(port))
		bound := patience.Reach
		if deadline, ok := ctx.Deadline(); ok {
			bound = time.Until(deadline) / time.Duration(len(addresses)-i)
		}
		if err = connect(ctx, tried.String(), bound); err == nil {
			return tried, nil
		}
	}
	return tried, err
}

// connect makes a connection and closes it.
func connect(ctx context.Context, address string, bound time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if c.LocalAddr().String() == address {
		return syscall.ECONNREFUSED // the system connected the socket to itself
	}
	return nil
}

// unreachable says why nothing answers at an address, and what to do.
func unreachable(text string, last netip.AddrPort, err error) *UnreachableError {
	e := &UnreachableError{Address: text, Err: err}
	at := last.String()
	if strings.Trim(text, ":0123456789") == "" { // a port alone was tried on every loopback address
		at = "port " + strings.Trim(text, ":") + " of this machine"
	}
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Message = "nothing listens on " + at + ": start the server first, or check the port"
	case errors.Is(err, context.Canceled):
		e.Message = "looking for a server on " + at + " was interrupted: run it again"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		e.Message = at + " does not answer: check the address, and whether a firewall is in between"
	default:
		e.Message = "cannot connect to " + at + " (" + rootCause(err).Error() + "): check the address"
	}
	return e
}

// rootCause returns the innermost error of a chain, without the addresses that
// the outer ones repeat.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
