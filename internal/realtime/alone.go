// Package realtime keeps the tests that must measure the real machine away from all others: what they measure, the others
// would disturb, and the other way round.
package realtime

import (
	"os"
	"strings"
	"testing"
)

// Env is the environment variable that must be set for such tests to run.
const Env = "STREAMSPEC_REAL"

// Alone skips the test unless the tests that measure the real machine run by themselves, as in
//
//	STREAMSPEC_REAL=1 go test -p 1 -run '^TestReal' ./...
//
// A test that calls it is named TestReal… and stands in a file real_*_test.go, with a comment that says why it needs the real
// machine. It must not be parallel to another, and what it asserts must not depend on how fast the machine is: it asserts
// causes, such as order, counts and states.
func Alone(tb testing.TB) {
	tb.Helper()
	if !strings.HasPrefix(tb.Name(), "TestReal") {
		tb.Fatalf("%s would never run: a test that measures the real machine is named TestReal…", tb.Name())
	}
	if os.Getenv(Env) == "" {
		tb.Skipf("it measures the real machine, beside no other test: set %s=1, and run go test -p 1 -run '^TestReal'", Env)
	}
}
