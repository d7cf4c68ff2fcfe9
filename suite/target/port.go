package target

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
)

// The ports that are given to servers: below those that the system gives to
// clients (32768 and up on Linux, 49152 elsewhere), so that no connection of
// anybody takes one between our look and the server's bind. They come in
// blocks, each of which one process at a time has: while a server of one is
// down, to be started again on its port, no other gives that port away.
const (
	lowestPort = 10001
	blockSize  = 64
	blocks     = 355 // up to 32720

	// usualBlocks are as many as a process takes before it gives a port a
	// second time: no server of its own is down for as long as that.
	usualBlocks = 16
)

// ports gives ports to the servers of this process.
var ports portGiver

// A portGiver gives the ports of the blocks that it has, in turn.
type portGiver struct {
	mutex sync.Mutex
	held  []int       // by the number of each
	holds []io.Closer // what keeps other processes out of them, as long as this one lives
	next  int         // port of all that are held
}

// freePort returns a port that nothing is bound to on any address.
func freePort() (int, error) { return ports.free() }

func (g *portGiver) free() (int, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for {
		for range len(g.held) * blockSize {
			if g.next == len(g.held)*blockSize {
				if len(g.held) < usualBlocks {
					break
				}
				g.next = 0
			}
			port := lowestPort + blockSize*g.held[g.next/blockSize] + g.next%blockSize
			g.next++
			if bindable(port) {
				return port, nil
			}
		}
		if !g.take() {
			return 0, errors.New("no free port between 10001 and 32720 was found: end what holds them")
		}
	}
}

// take takes one more block: one that no other process has, as long as there are such. It reports whether there was one more.
func (g *portGiver) take() bool {
	first := rand.IntN(blocks)
	shared := -1
	for i := range blocks {
		block := (first + i) % blocks
		if slices.Contains(g.held, block) {
			continue
		}
		if hold, ok := hold(block); ok {
			g.held, g.holds = append(g.held, block), append(g.holds, hold)
			return true
		}
		shared = block
	}
	if shared < 0 {
		return false
	}
	g.held = append(g.held, shared)
	return true
}
