//go:build unix

package target_test

import (
	"io"
	"os"
	"os/exec"
	"testing"
)

// TestExamples runs the example that needs socat, where that is installed.
func TestExamples(t *testing.T) {
	if _, err := exec.LookPath("socat"); err != nil {
		if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stdout := os.Stdout
	os.Stdout = w
	func() {
		defer func() { os.Stdout = stdout }()
		defer w.Close()
		ExampleStart()
	}()
	out, err := io.ReadAll(r)
	if want := "conformant: 4 of 4 MUST\n"; err != nil || string(out) != want {
		t.Errorf("the example prints %q, and not %q (%v)", out, want, err)
	}
}
