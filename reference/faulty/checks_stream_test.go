//go:build linux

package faulty_test

// streamChecks are for the faults of reading and writing.
var streamChecks = map[string]check{}
