package judge_test

import (
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestMain runs the tests, or is one of the servers that they start.
func TestMain(m *testing.M) {
	judgetest.Main(m, map[string]func(addr string) error{
		"late-sleeping":   func(addr string) error { return serveLate("sleeping", addr) },
		"late-working":    func(addr string) error { return serveLate("working", addr) },
		"mute-after-work": serveMuteAfterWork,
		"pages-cut":       func(addr string) error { return servePages("cut", addr) },
		"pages-finish":    func(addr string) error { return servePages("finish", addr) },
	})
}
