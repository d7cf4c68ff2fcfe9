//go:build linux

package faulty_test

// serverChecks are for the faults of a server's life and of its connections.
var serverChecks = map[string]check{}
