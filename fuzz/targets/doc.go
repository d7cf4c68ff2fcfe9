// Package targets holds the Go fuzz targets: what reads bytes that anybody may
// have sent or written, against a model that shares no code with it, internal/oracle
// for the contract's operations and dialects. Each target is deterministic and takes
// little time for any input.
//
//	go test ./fuzz/targets -run - -fuzz Script -fuzztime 1m
//
// The inputs in testdata/fuzz are run by go test, and are where fuzzing begins.
// What plays inputs is in files of its own, so that a target can be built by other
// engines, which take one test file and know no other.
package targets

// The bytes of an input that are looked at: longer ones are left alone, so that
// no input takes long, an engine is soon done with making them shorter, and all of
// them stay readable.
const (
	mostBytes = 80  // of what a client sends
	mostText  = 320 // of a file
	mostYAML  = 80  // of a file that takes longer to read
)
