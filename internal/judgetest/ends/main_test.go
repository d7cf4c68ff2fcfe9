// Package ends judges servers that end, are broken for good, or are started and stopped.
package ends

import (
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestMain runs the tests, or is one of the servers that they start.
func TestMain(m *testing.M) {
	judgetest.Main(m, endRoles())
}
