package kernel

import (
	"io"
	"os/exec"
	"testing"
)

// TestLimitDescriptors limits a process that does nothing, and looks at it.
func TestLimitDescriptors(t *testing.T) {
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip("there is no cat")
	}
	cmd := exec.Command(cat)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	pid := cmd.Process.Pid
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil { // until then it is loaded, and has descriptors of its loader
		t.Fatal(err)
	}
	unlimited, err := FreeDescriptors(pid)
	if err != nil || unlimited < 10 {
		t.Fatalf("%d are free before, %v", unlimited, err)
	}
	for _, more := range []int{5, 0, 3} { // a limit of 0 is not raised again
		if err := LimitDescriptors(pid, more); err != nil {
			t.Fatal(err)
		}
		if free, err := FreeDescriptors(pid); err != nil || free > more || more == 5 && free != more {
			t.Errorf("limited to %d, %d are free, %v", more, free, err)
		}
	}
	for _, nobody := range []int{0, -1, 1 << 30} {
		if err := LimitDescriptors(nobody, 1); err == nil {
			t.Errorf("process %d was limited", nobody)
		}
		if n, err := FreeDescriptors(nobody); err == nil {
			t.Errorf("process %d has %d free", nobody, n)
		}
	}
}
