// Package files judges servers by exchange files.
package files

import (
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestMain runs the tests, or is one of the servers that they start.
func TestMain(m *testing.M) {
	judgetest.Main(m, map[string]func(addr string) error{
		"frames-beginnings": func(addr string) error { return serveFrames("beginnings", addr) },
		"frames-kept":       func(addr string) error { return serveFrames("kept", addr) },
		"frames-right":      func(addr string) error { return serveFrames("right", addr) },
	})
}
