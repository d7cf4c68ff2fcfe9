package main_test

import (
	"net"
	"strings"
	"testing"
	"time"
)

// TestWaitFor: a run waits until something listens at its address, as long as it may, and no longer.
func TestWaitFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // nobody listens there now
	if o := call(t, "run", addr, "--dialect", "echo", "--wait-for", "300ms"); o.status != 3 || o.took < 300*time.Millisecond || !strings.Contains(o.stderr, "waited for ") {
		t.Errorf("where nobody comes to listen: status %d after %s, %s", o.status, o.took, o.stderr)
	}
	waiting := started(t, "run", addr, "--dialect", "echo", "--only", "FRAM-1", "--wait-for", "24h") // whichever of the two is first
	started(t, "serve", "--addr", addr, "--dialect", "echo")
	if o := waiting.wait(t); o.status != 0 {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	refused(t, call(t, "run", "reference", "--wait-for", "1s"), 2, "--wait-for goes with an address")
	refused(t, call(t, "run", addr, "--wait-for", "25h"), 2, "it must be from 0s to 24h")
}

// TestSaidClients: how many clients a server takes can be said, and shows in the command that shows a failure again.
func TestSaidClients(t *testing.T) {
	for _, n := range []string{"0", "-1", "1000001"} {
		refused(t, call(t, "run", "reference", "--clients", n), 2, "must be from 1 to 1000000, not "+n)
	}
	o := call(t, "run", "reference", "--fault", "early-send", "--only", "SEND-1", "--clients", "20")
	if o.status != 1 || !strings.Contains(o.stdout, "--clients 20 --seed 1 --only SEND-1") {
		t.Errorf("status %d, %s", o.status, o.stdout)
	}
}
