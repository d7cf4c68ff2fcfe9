package judge

import (
	"maps"
	"testing"
)

// TestMain runs the tests, or is one of the servers that they start.
func TestMain(m *testing.M) {
	roles := endRoles()
	maps.Copy(roles, map[string]func(addr string) error{
		"frames-right":      func(addr string) error { return serveFrames("right", addr) },
		"frames-kept":       func(addr string) error { return serveFrames("kept", addr) },
		"frames-beginnings": func(addr string) error { return serveFrames("beginnings", addr) },
		"late-sleeping":     func(addr string) error { return serveLate("sleeping", addr) },
		"late-working":      func(addr string) error { return serveLate("working", addr) },
		"mute-after-work":   serveMuteAfterWork,
		"pages-cut":         func(addr string) error { return servePages("cut", addr) },
		"pages-finish":      func(addr string) error { return servePages("finish", addr) },
	})
	main(m, roles)
}
