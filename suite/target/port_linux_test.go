package target

import (
	"slices"
	"testing"
)

// leave gives up what a giver holds.
func (g *portGiver) leave() {
	for _, h := range g.holds {
		_ = h.Close()
	}
}

// TestPortsOfProcesses: two processes have no block in common, so that neither gives away the port of a server of the other's that is
// down. A second giver is to the first as another process is: only one can have a name on the whole machine.
func TestPortsOfProcesses(t *testing.T) {
	var one, another portGiver
	defer one.leave()
	defer another.leave()
	for range 100 {
		one.take()
	}
	for range 60 {
		another.take()
	}
	if len(one.holds) != 100 || len(another.holds) != 60 {
		t.Fatalf("%d and %d blocks are held, want 100 and 60", len(one.holds), len(another.holds))
	}
	for _, block := range another.held {
		if slices.Contains(one.held, block) {
			t.Errorf("both have block %d", block)
		}
	}
	taken := slices.Clone(one.held)
	one.leave()
	h, ok := hold(taken[0])
	if !ok {
		t.Fatalf("block %d stays held when nobody has it any more", taken[0])
	}
	_ = h.Close()
}

// TestPortsOfOneProcess: no port comes twice before a process has had some nine hundred others.
func TestPortsOfOneProcess(t *testing.T) {
	var g portGiver
	defer g.leave()
	var given []int
	for range 2 * usualBlocks * blockSize {
		port, err := g.free()
		if err != nil {
			t.Fatal(err)
		}
		if port < lowestPort || port >= lowestPort+blocks*blockSize {
			t.Fatalf("port %d is given", port)
		}
		if last := len(given) - usualBlocks*blockSize*9/10; slices.Contains(given[max(0, last):], port) {
			t.Fatalf("port %d is given again as number %d", port, len(given))
		}
		given = append(given, port)
	}
	if len(g.held) > usualBlocks {
		t.Errorf("%d blocks are taken, want %d", len(g.held), usualBlocks)
	}
}
