package target

import (
	"context"
	"net"
	"strconv"
	"time"
)

// Backlog returns the length of the queue of connections that wait to be
// accepted, as the server gave it to listen (and the kernel capped it). A queue
// of length n holds n + 1 on Linux. The error is ErrUnknown when the system does
// not tell, or shows no socket of this machine that listens at address, host:port.
func Backlog(address string) (int, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return 0, usage(err, "%q is not host:port", address)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return 0, usage(err, "%q is not a port", text)
	}
	found, err := listeners(port)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	addresses, err := resolve(ctx, dialHost(host))
	if err != nil {
		return 0, err
	}
	least := -1
	for _, l := range reaching(found, addresses) {
		if l.backlog >= 0 && (least < 0 || l.backlog < least) {
			least = l.backlog
		}
	}
	if least < 0 {
		return 0, ErrUnknown
	}
	return least, nil
}
