package rules

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules/process"
	"github.com/streamspec/streamspec/suite/dialect"
)

// robu shows the family ROBU. After each of its cases a fresh connection must get a right answer.
var robu = []Case{
	{Requirement: "ROBU-1", ID: "process", Needs: PID, Waits: true, Run: process.AfterResets}, // which tells why, where nobody is served
	{Requirement: "ROBU-1", ID: "resets", Needs: Alone, Run: robuResets},
	{Requirement: "ROBU-2", ID: "endless-line", Needs: Alone | Big, Bytes: bench.Endless, Run: robuEndless},
	{Requirement: "ROBU-2", ID: "growing-message", Takes: []Ability{can[dialect.Unending]}, Needs: Alone, Bytes: 4 << 20, Run: robuGrows},
	{Requirement: "ROBU-2", ID: "memory", Takes: generates, Needs: PID | Big, Bytes: bench.Endless, Run: process.Memory},
	{Requirement: "ROBU-2", ID: "memory-of-messages", Takes: []Ability{can[dialect.Learner], can[dialect.Grower]}, Needs: PID | Big, Bytes: 2 * bench.Endless, Run: process.Messages},
	{Requirement: "ROBU-3", ID: "idle", Needs: Alone, Run: robuIdle},
	{Requirement: "ROBU-4", ID: "garbage", Needs: Alone, Run: robuGarbage},
	{Requirement: "ROBU-5", ID: "connects", Needs: Alone, Run: robuConnects},
	{Requirement: "ROBU-6", ID: "never-reads", Needs: Alone, Akin: akinUnread, Waits: true, Bytes: bench.Endless, Run: robuNeverReads},
	{Requirement: "ROBU-7", ID: "memory", Takes: bursts, Needs: PID, Waits: true, Bytes: 3 * bench.Endless, Run: process.Unread},
}

// robuResets resets connections in the middle of their requests.
func robuResets(ctx context.Context, b *bench.Bench) *finding.Finding {
	var queue bench.Room
	return b.Repeat(200, func(i int) *finding.Finding {
		if b.LeavesOut() {
			return nil
		}
		if !b.Patience.Slow() {
			queue.Wait(ctx, b)
		}
		c, f := b.Hasty().Dial(ctx, delivery.Options{})
		if f != nil {
			return b.Unrefused(f)
		}
		r := b.Traced()
		_ = c.Send(ctx, r[:len(r)*(i%4)/3]) // an error is the server's leaving first, which the pulse judges
		c.Abort()
		return b.CaughtUp(ctx)
	})
}

// robuEndless sends 64 MiB without a line end, or of a part that grows, and takes whatever comes back. A server that is too slow for as
// many, or takes far longer for the last of them than for the first, may be slow, or get ever slower.
func robuEndless(ctx context.Context, b *bench.Bench) *finding.Finding {
	if f := b.Impolite(); f != nil {
		return f
	}
	slowing, slow := b.FloodWatched(ctx, bench.Endless)
	if !slow.Is(finding.NotShown) && !(slow == nil && slowing) {
		return slow
	}
	if b.Patience.Exchange >= patience.Unheld { // what it waits for takes longer than what it goes over
		return slow
	}
	if f := b.SlowFlood(ctx, bench.Endless); f.Is(finding.Broken) {
		return f
	}
	return slow
}

// robuGrows sends a message whose part that grows gets longer, up to what the file lets it have.
func robuGrows(ctx context.Context, b *bench.Bench) *finding.Finding {
	_, most, ok := b.Dialect.(dialect.Grower).Grows()
	if !ok {
		return nothingGrows()
	}
	return b.SlowMessages(ctx, most)
}

// idlers is how many connections are opened that say nothing.
const idlers = 500

// robuIdle opens them and has an answer beside them. A server that serves few clients at once is asked when they have left; one that
// takes a number of them, refuses others, and serves again when they have left has a limit, which is policy: how many it takes is told.
func robuIdle(ctx context.Context, b *bench.Bench) *finding.Finding {
	idle := b.Allowed(idlers+1) - 1 // beside which there must be room for one
	if b.LimitFound() && !b.Facts.Few() {
		idle = idlers // what was seen of its limit may have been those that had left, and still counted
	}
	switch {
	case b.LimitFound() && !b.Facts.Few(): // the first to be refused may not have been counted for as long as others are
		player.Sleep(ctx, max(b.Late(), patience.Recover))
	case b.Refuses():
		player.Sleep(ctx, b.Late())
	}
	if b.LimitFound() {
		idle = max(idle, 1)
	}
	all, f := idleClients(ctx, b, idle)
	defer b.Done() // they leave
	switch {
	case b.Facts.Few() && b.LimitFound() && (f == nil || f.Is(finding.Missing)):
		if !paced(ctx, b, all) {
			sayLimit(b, max(b.Facts.Workers, 1))
		}
		return nil
	case b.Facts.Few() && f.Is(finding.Missing):
		return nil
	case f != nil || b.Facts.Few():
		return f
	}
	f = besideIdle(ctx, b).During(fmt.Sprintf("beside %d idle connections: ", len(all)))
	taken := there(all)
	if _, refused := player.Refusal(f); refused && paced(ctx, b, all) {
		return nil
	}
	if !f.Fact() || f.Died() || f.Is(finding.Gone) || taken == 0 || taken == idle {
		return f
	}
	b.Done()
	if !b.Recovers(ctx) {
		if ended := finding.Ended(ctx); ended != nil {
			return ended
		}
		return f.During(fmt.Sprintf("it took %d of %d clients, and refused others also when they had left: ", taken, idle))
	}
	sayLimit(b, taken)
	return nil
}

// idleClients opens so many connections that say nothing, and returns those that came about. They stay open until the case is done.
func idleClients(ctx context.Context, b *bench.Bench, idle int) (all []*player.Client, f *finding.Finding) {
	queue := bench.Room{Empty: true}
	var mu sync.Mutex
	crowded := b.Crowded(idle)
	f = b.Repeat(idle, func(i int) *finding.Finding {
		if crowded(i) {
			return nil
		}
		if !b.Facts.Few() && !b.Patience.Slow() {
			queue.Wait(ctx, b)
		}
		c, f := b.Hasty().Dial(ctx, delivery.Options{Timeout: b.Wait(), Number: i})
		if b.Facts.Few() && f.Is(finding.Missing) {
			b.Observe("%d connections fit into its queue", i)
			return f
		}
		if _, refused := player.Refusal(f); refused { // it is one of those that it does not take
			return nil
		}
		if f == nil {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, c)
		}
		return f.During(fmt.Sprintf("with %d idle connections, ", i))
	})
	return all, f
}

// besideIdle has an answer beside idle connections. A server that is known to refuse who is too many is not asked until it serves again:
// they are still there.
func besideIdle(ctx context.Context, b *bench.Bench) *finding.Finding {
	if !b.LimitFound() {
		return b.Accepted(ctx).Pulse(ctx)
	}
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		own := b.Accepted(ctx)
		return own.Hasty().Attempt(ctx, own.Dialect.Plain(own.ID()), player.Delivery{}, wait).Finding
	})
}

// there is how many of the clients the server has not sent away.
func there(clients []*player.Client) (n int) {
	for _, c := range clients {
		if c.PeerClosed() == delivery.StillOpen {
			n++
		}
	}
	return n
}

// paced says whether a server that refused a client takes another beside those that are there, when some time has passed: it takes so many
// in a time then, and not at once.
func paced(ctx context.Context, b *bench.Bench, clients []*player.Client) bool {
	before := there(clients)
	player.Sleep(ctx, patience.LateSample)
	if before == 0 || before == len(clients) && !b.Facts.Few() || there(clients) < before || besideIdle(ctx, b) != nil {
		return false
	}
	b.Observe("it refuses clients that come quickly one after another, and takes more beside those that are there when some time has passed")
	return true
}

// sayLimit tells that the server takes so many clients, and how that is said to the suite.
func sayLimit(b *bench.Bench, most int) {
	b.Observe("it takes %d clients at once, refuses others, and serves again when they have left: say so by limits: {clients: %d}, or --clients %d", most, most, most)
}

// strangers are the first bytes of protocols that whatever listens is sent some day.
var strangers = []string{
	"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", // TLS, a client's hello
	"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"SSH-2.0-OpenSSH_9.2\r\n",
	"\x05\x02\x00\x02",                     // SOCKS 5
	"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00", // RDP
	"\x00\x00\x00\x08\x04\xd2\x16\x2f",     // PostgreSQL, an SSLRequest
	"\x80\x00\x00\x28\x72\xfe\x1d\x13",     // Sun RPC
	"*1\r\n$4\r\nPING\r\n",                 // Redis
	"\xff\xfb\x1f\xff\xfd\x03",             // telnet
	"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
	"\x00", "\xff\xff\xff\xff",
}

func robuGarbage(ctx context.Context, b *bench.Bench) *finding.Finding {
	if f := b.Impolite(); f != nil {
		return f
	}
	f := b.Repeat(len(strangers), func(i int) *finding.Finding {
		if b.LeavesOut() {
			return nil
		}
		c, f := b.Dial(ctx, delivery.Options{Stall: b.Wait()})
		if f != nil {
			return f
		}
		_ = c.Send(ctx, []byte(strangers[i])) // the server may close before all has come
		c.Cut(ctx)
		c.Close()
		return b.CaughtUp(ctx)
	})
	if f != nil {
		return f
	}
	garbage := make([][]byte, 40)
	for i := range garbage {
		garbage[i] = make([]byte, 1+b.Rand.IntN(8000))
		for k := range garbage[i] {
			garbage[i][k] = byte(b.Rand.Uint32())
		}
	}
	return b.Repeat(len(garbage), func(i int) *finding.Finding {
		if b.LeavesOut() {
			return nil
		}
		c, f := b.Dial(ctx, delivery.Options{Stall: b.Wait()})
		if f != nil {
			return f
		}
		_ = c.Send(ctx, garbage[i]) // the server may close before all has come
		if i%2 == 0 {
			_ = c.HalfClose()
			c.Receive(ctx, delivery.Want{Idle: patience.Garbage, Total: patience.GarbageInAll})
		}
		c.Close()
		return b.CaughtUp(ctx)
	})
}

func robuConnects(ctx context.Context, b *bench.Bench) *finding.Finding {
	var queue bench.Room
	return b.Repeat(2000, func(i int) *finding.Finding {
		if !b.Patience.Slow() {
			queue.Wait(ctx, b)
		}
		c, f := b.Hasty().Dial(ctx, delivery.Options{})
		if f != nil {
			return b.Unrefused(f).During(fmt.Sprintf("after %d connections that were opened and closed, ", i))
		}
		if i%2 == 0 {
			c.Close()
		} else {
			c.Abort()
		}
		return nil
	})
}

// robuNeverReads fills the buffers on both sides: the server's writes must wait
// or fail, and others be served. A server that serves one client at a time is asked when this one has left.
func robuNeverReads(ctx context.Context, b *bench.Bench) *finding.Finding {
	if f := b.CannotBeStuck(); f != nil {
		return f
	}
	c, f := b.StuckClient(ctx, patience.StuckLong, func() *finding.Finding {
		if b.Facts.Serial {
			return nil
		}
		return b.Beside().Pulse(ctx).During("beside a client that never reads: ")
	})
	if f != nil {
		return b.OfTheBurst(ctx, bench.Endless, f)
	}
	c.Close()
	return nil
}
