package kernel

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/streamspec/streamspec/internal/patience"
)

// Queue returns how many connections wait to be accepted at address, host:port,
// and the length of the queue as the server gave it to listen (and the kernel
// capped it). A queue of length n holds n + 1 on Linux. Where several sockets
// listen, the shortest queue counts. The error is ErrUnknown when the system does
// not tell, or shows no socket of this machine that listens there. /proc/net, in which no
// length stands and a busy machine has thousands of lines, is not read for it.
func Queue(address string) (waiting, backlog int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is not host:port: %w", address, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is not a port: %w", text, err)
	}
	found, err := queues(port)
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience.Resolve)
	defer cancel()
	addresses, err := Resolve(ctx, DialHost(host))
	if err != nil {
		return 0, 0, err
	}
	waiting, backlog = shortest(Reaching(found, addresses))
	if backlog < 0 {
		return 0, 0, ErrUnknown
	}
	return waiting, backlog, nil
}

// shortest returns who waits in the shortest queue that is known, and its length; -1 where none is known.
func shortest(found []Listener) (waiting, backlog int) {
	backlog = -1
	for _, l := range found {
		if l.Backlog >= 0 && (backlog < 0 || l.Backlog < backlog) {
			waiting, backlog = l.Waiting, l.Backlog
		}
	}
	return waiting, backlog
}
