//go:build unix && !linux

package main_test

import "runtime"

// isKiB says that getrusage counts memory in KiB, as all but Darwin.
const isKiB = runtime.GOOS != "darwin"
