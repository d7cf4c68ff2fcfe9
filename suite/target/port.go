package target

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
)

// The ports that are given to servers: below those that the system gives to
// clients (32768 and up on Linux, 49152 elsewhere), so that no connection of
// anybody takes one between our look and the server's bind.
const (
	lowestPort  = 10001
	highestPort = 32767
	portSpan    = highestPort - lowestPort + 1
)

// lastPort makes two of this process's servers never get the same port at
// once; where it begins differs from process to process.
var lastPort atomic.Uint32

func init() { lastPort.Store(rand.Uint32N(portSpan)) }

// freePort returns a port that nothing is bound to on any address.
func freePort() (int, error) {
	const looks = 1000
	for range looks {
		if port := lowestPort + int(lastPort.Add(1)%portSpan); bindable(port) {
			return port, nil
		}
	}
	return 0, errors.New("no free port between 10001 and 32767 was found: end what holds them")
}
