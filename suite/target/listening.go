package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// ErrUnknown says that this system does not tell who listens.
var ErrUnknown = errors.New("this system does not tell which sockets listen")

// listener is a socket that listens.
type listener struct {
	address netip.Addr
	only6   bool   // a wildcard of IPv6 that takes no IPv4
	inode   uint64 // which socket it is; 0 when not known
	waiting int    // how many connections are in its queue
	backlog int    // the length of its queue as listen was told; -1 when not known
}

// reaches tells whether a connection to address would come to the listener.
func (l listener) reaches(address netip.Addr) bool {
	if l.address == address {
		return true
	}
	if !l.address.IsUnspecified() {
		return false
	}
	return l.address.Is4() == address.Is4() || l.address.Is6() && !l.only6
}

// Listening tells whether a socket of this machine listens where a connection
// to host and port would come, wildcard addresses included, without
// connecting. A host name is resolved within a second. ErrUnknown is the
// error when the system does not tell, as all but Linux; it does not tell of
// sockets in other network namespaces and on other machines, which are false.
func Listening(host string, port int) (bool, error) {
	if port < 1 || port > maxPort {
		return false, usage(nil, "port %d does not exist: give one from 1 to %d", port, maxPort)
	}
	found, err := listeners(port)
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	addresses, err := resolve(ctx, dialHost(host))
	if err != nil {
		return false, fmt.Errorf("cannot resolve %s: %w", host, err)
	}
	return len(reaching(found, addresses)) > 0, nil
}

// reaching selects the listeners of this machine that a connection to one of
// the addresses would come to.
func reaching(found []listener, addresses []netip.Addr) []listener {
	var reach []listener
	for _, l := range found {
		for _, a := range addresses {
			if a = a.WithZone(""); l.reaches(a) && local(a) {
				reach = append(reach, l)
				break
			}
		}
	}
	return reach
}

// inodes returns the sockets that listen on a port now.
func inodes(port int) map[uint64]bool {
	found, _ := listeners(port)
	set := make(map[uint64]bool)
	for _, l := range found {
		set[l.inode] = true
	}
	return set
}

// dialHost returns where to connect for a host that a server is told to listen
// on: loopback for the wildcard addresses.
func dialHost(host string) string {
	switch host = strings.Trim(host, "[]"); host {
	case "", "0.0.0.0", "*":
		return "127.0.0.1"
	case "::":
		return "::1"
	}
	return host
}

// describe writes listeners as addresses.
func describe(found []listener, port int) []string {
	var s []string
	for _, l := range found {
		s = append(s, net.JoinHostPort(l.address.String(), strconv.Itoa(port)))
	}
	return s
}
