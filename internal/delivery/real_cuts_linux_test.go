package delivery

import (
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"
)

// These tests need the real machine, because what they show is the kernel's: that a cut which it confirms is two reads of a
// real server, also where the server is slow or the machine is busy. They count cuts and reads; how long any takes is the same
// to them.

// testCuts sends a byte at a time to a logging server. Every cut must be confirmed, and a read of its own.
func testCuts(t *testing.T, addr string, cuts int) {
	t.Helper()
	c := dial(t, addr, Options{})
	if !c.Sees() || c.Unseen() != "" {
		t.Fatalf("the server's end is not seen: %s", c.Unseen())
	}
	ctx := t.Context()
	var unconfirmed, together int
	var at []int
	begun := time.Now()
	for i := range cuts {
		if err := c.Send(ctx, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		if how := c.Cut(ctx); how == Confirmed {
			at = append(at, i+1)
		} else {
			unconfirmed++
		}
	}
	took := time.Since(begun)
	if err := c.Send(ctx, []byte("end")); err != nil {
		t.Fatal(err)
	}
	ends := readEnds(t, c)
	for _, i := range at {
		if !ends[i] {
			together++
		}
	}
	t.Logf("%d cuts, %.0f a second", cuts, float64(cuts)/took.Seconds())
	if unconfirmed > 0 || together > 0 || c.Cuts() != (CutCount{cuts, cuts}) {
		t.Errorf("of %d cuts %d were not confirmed, and %d confirmed that are not; counted %+v", cuts, unconfirmed, together, c.Cuts())
	}
}

func TestRealCutsIdle(t *testing.T) {
	realtime.Alone(t)
	testCuts(t, start(t, "log"), 20000)
}

func TestRealCutsUnderLoad(t *testing.T) {
	realtime.Alone(t)
	addr := start(t, "log")
	load(t)
	testCuts(t, addr, 3000)
}

func TestRealCutsSlowServer(t *testing.T) {
	realtime.Alone(t)
	testCuts(t, start(t, "slow"), 100)
}

// TestRealCutsTogether confirms on many connections at once, more than there are idle netlink sockets and napping threads.
func TestRealCutsTogether(t *testing.T) {
	realtime.Alone(t)
	addr := start(t, "log")
	var all sync.WaitGroup
	for range 100 {
		c := dial(t, addr, Options{})
		all.Go(func() {
			if err := c.Play(t.Context(), pattern(101), EveryByte(101)); err != nil {
				t.Error(err)
			}
			if c.Cuts() != (CutCount{100, 100}) {
				t.Errorf("%+v", c.Cuts())
			}
		})
	}
	all.Wait()
}
