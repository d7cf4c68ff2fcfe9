package fuzzer

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// turns lets many do something beside one another, or one do it alone, as a sync.RWMutex does. Who waits for it waits for as long as
// a server takes, which is too long for a mutex: under testing/synctest that counts as work, and time stands still.
type turns struct{ places *semaphore.Weighted }

// everyPlace is how many may do it beside one another: the connections, and who tells of them.
const everyPlace = MaxClients + 1

func newTurns() turns { return turns{semaphore.NewWeighted(everyPlace)} }

// join takes a place beside others; try does where none waits to be alone. leave gives it back.
func (t turns) join()     { _ = t.places.Acquire(context.Background(), 1) } // which never ends
func (t turns) try() bool { return t.places.TryAcquire(1) }
func (t turns) leave()    { t.places.Release(1) }

// take waits to be alone; yield lets others on.
func (t turns) take()  { _ = t.places.Acquire(context.Background(), everyPlace) }
func (t turns) yield() { t.places.Release(everyPlace) }
