package kernel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"

	"github.com/streamspec/streamspec/internal/patience"
)

// ErrUnknown says that this system does not tell who listens.
var ErrUnknown = errors.New("this system does not tell which sockets listen")

// Listener is a socket that listens.
type Listener struct {
	Address netip.Addr
	Only6   bool   // a wildcard of IPv6 that takes no IPv4
	Inode   uint64 // which socket it is; 0 when not known
	Waiting int    // how many connections are in its queue
	Backlog int    // the length of its queue as listen was told; -1 when not known
}

// reaches tells whether a connection to address would come to the listener.
func (l Listener) reaches(address netip.Addr) bool {
	if l.Address == address {
		return true
	}
	if !l.Address.IsUnspecified() {
		return false
	}
	return l.Address.Is4() == address.Is4() || l.Address.Is6() && !l.Only6
}

// Listening tells whether a socket of this machine listens where a connection
// to host and port would come, wildcard addresses included, without
// connecting. A host name is resolved within a second. ErrUnknown is the
// error when the system does not tell, as all but Linux; it does not tell of
// sockets in other network namespaces and on other machines, which are false.
func Listening(host string, port int) (bool, error) {
	if port < 1 || port > math.MaxUint16 {
		return false, fmt.Errorf("port %d does not exist: give one from 1 to %d", port, math.MaxUint16)
	}
	found, err := Listeners(port)
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience.Resolve)
	defer cancel()
	addresses, err := Resolve(ctx, DialHost(host))
	if err != nil {
		return false, fmt.Errorf("cannot resolve %s: %w", host, err)
	}
	return len(Reaching(found, addresses)) > 0, nil
}

// Reaching selects the listeners of this machine that a connection to one of
// the addresses would come to.
func Reaching(found []Listener, addresses []netip.Addr) []Listener {
	var reach []Listener
	for _, l := range found {
		for _, a := range addresses {
			if a = a.WithZone(""); l.reaches(a) && Local(a) {
				reach = append(reach, l)
				break
			}
		}
	}
	return reach
}
