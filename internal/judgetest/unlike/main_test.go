// Package unlike judges servers that are slow, far, or have few workers, or take few clients.
package unlike

import (
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestMain runs the tests, or is one of the servers that they start.
func TestMain(m *testing.M) {
	judgetest.Main(m, nil)
}
