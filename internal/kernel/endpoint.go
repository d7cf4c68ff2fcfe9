package kernel

import "errors"

// Endpoint is how far one end of a TCP connection has got.
type Endpoint struct {
	Received uint64 // bytes that the kernel received for it, a FIN counting as one
	Queue    uint32 // of those, how many were not read
	Unsent   uint32 // bytes that were written to it, and that the other end's kernel has not acknowledged
	Waiting  uint32 // of those, how many have not left; 0 where the kernel does not tell
	Sent     uint64 // bytes that have left, those that left again counted again; 0 where the kernel does not tell
}

// ErrNoEndpoint says that the system was asked, and has no such end of a connection, or none that could have received anything.
var ErrNoEndpoint = errors.New("no such end of a connection")

// ErrNotShown says that this system shows no ends of connections but the caller's own.
var ErrNotShown = errors.New("this system does not show the server's end of a connection")
