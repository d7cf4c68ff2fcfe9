// Package coverage tells a fuzzer what a server did with what it was sent, as a set of edges: that a place of the code was
// reached, and about how often. A delivery that gives an edge which no other gave before is worth keeping.
//
// The edges come from servers written in Go and built with go build -cover -covermode=atomic, in one of two ways. A server
// that calls [github.com/streamspec/streamspec/fuzz/coverage/endpoint.Serve] is asked after each delivery ([Dial]). Any
// other writes its counters when it ends, into the folder that the environment variable GOCOVERDIR names ([ReadDir]). The
// counters are read here and not by the go command, so that only the server needs to be a Go program that was built so.
//
// Where there is no coverage, the form of the answers stands in for it ([Shape]).
package coverage

import "context"

// A Source tells what a server reached.
type Source interface {
	// Take returns the edges reached since it was last called, or since the server started.
	Take(ctx context.Context) ([]Edge, error)
	// Close lets go of the source; the server runs on.
	Close() error
}
