package fuzzer

import (
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Limits bound what is drawn. The zero value is a plan of one client, without long payloads, pauses and resets.
type Limits struct {
	Clients int  // at most so many beside one another; 0 is 1
	Long    bool // payloads of 4 KiB to 1 MiB too, once in a while
	Pauses  bool // pauses too, once in a while
	Resets  bool // clients that reset their connection too, once in a while
}

// Draw returns a plan for a server that speaks d. What is likely to be wrong is likely to be drawn: cuts inside of line ends
// and characters and beside the borders of requests, sizes about powers of two, the line limit and one more or less, things
// that are empty, several requests in a segment and one in many. Every plan that it returns is valid, and the answers that are
// due to it are known ([due.To]). An exchange dialect of which nothing was learned gives a plan without a client.
func Draw(d dialect.Dialect, src Source, limits Limits) plan.Plan {
	p := plan.Plan{Dialect: d.Name()}
	clients := 1
	if limits.Clients > 1 && one(src, 12) {
		clients = 2 + src.IntN(limits.Clients-1)
	}
	for range clients {
		var c plan.Client
		if x, ok := exchange.Of(d); ok {
			if c, ok = drawExchanges(x, src); !ok {
				return p
			}
		} else {
			c = drawClient(d.(dialect.Model), src, limits)
		}
		p.Clients = append(p.Clients, c)
	}
	if limits.Pauses && one(src, 250) {
		if c := &p.Clients[0]; len(c.Cuts) > 0 {
			c.Cuts[src.IntN(len(c.Cuts))].Pause = time.Duration(1+src.IntN(20)) * time.Millisecond
		}
	}
	return p
}

// drawClient draws what one client sends, and where that is cut.
func drawClient(m dialect.Model, src Source, limits Limits) plan.Client {
	c := plan.Client{End: delivery.HalfClose}
	c.Requests = grammarOf(m)(src, limits.Long && one(src, 100))
	c.Cuts = cuts(src, c.Bytes(), borders(c))
	if one(src, 12) {
		await(m, &c, places(src, &c, 1+src.IntN(3)))
	}
	switch weighted(src, 70, 22, 8) {
	case 1:
		c.End = delivery.HalfCloseWithData
	case 2:
		c.End = drawEnd(m, src, c, limits)
	}
	return c
}

// drawEnd is one of the rarer ends, or the most common where what is due is not known before the stream ends.
func drawEnd(m dialect.Model, src Source, c plan.Client, limits Limits) delivery.ClientEnd {
	if limits.Resets && one(src, 3) {
		return delivery.Reset
	}
	await(m, &c, slices.DeleteFunc(borders(c), func(int) bool { return one(src, 2) }))
	c.End = delivery.Open
	if known(m, c) {
		return delivery.Open
	}
	return delivery.HalfClose
}

// await lets the client wait at those of these places, beside where it waits already, at which it is known what is due by then: at
// all of them mostly, which is asked at once.
func await(m dialect.Model, c *plan.Client, at []int) {
	before := c.Awaits
	wait := func(at ...int) bool {
		c.Awaits = slices.Concat(before, at)
		slices.Sort(c.Awaits)
		c.Awaits = slices.Compact(c.Awaits)
		return len(c.Awaits) == len(before) || known(m, *c)
	}
	at = slices.DeleteFunc(at, func(k int) bool { return k <= 0 || k > c.Len() })
	if len(at) == 0 || wait(at...) {
		return
	}
	for _, k := range at {
		if c.Awaits = before; wait(k) {
			before = c.Awaits
		}
	}
	c.Awaits = before
}

// places draws n offsets of what a client sends at which it may wait: in the middle of a request mostly, since what is due to those
// before it is due then too.
func places(src Source, c *plan.Client, n int) []int {
	size := c.Len()
	if size < 2 {
		return nil
	}
	var at []int
	for range n {
		at = append(at, place(src, size, nil, borders(*c)))
	}
	return at
}

// drawExchanges draws one exchange, cut, or several of those that pipeline: then the client may wait for what is due by then.
func drawExchanges(x *exchange.Dialect, src Source) (c plan.Client, ok bool) {
	sessions := x.Cuttable()
	if len(sessions) == 0 {
		return c, false
	}
	names := pick(src, sessions).Exchanges
	if pipelined := x.Pipelined(); len(pipelined) > 0 && one(src, 3) {
		names = nil
		for range 1 + src.IntN(4) {
			names = append(names, x.File.Messages[pick(src, pipelined)].Name)
		}
	}
	s, err := x.Named(names)
	if err != nil {
		return c, false
	}
	for _, name := range names {
		c.Requests = append(c.Requests, plan.Request{Exchange: name})
	}
	c.Cuts = cuts(src, s.Request, nil)
	if len(names) > 1 && !s.Hangs() && one(src, 4) {
		for range 1 + src.IntN(3) {
			c.Awaits = append(c.Awaits, 1+src.IntN(len(s.Request)-1))
		}
		slices.Sort(c.Awaits)
		c.Awaits = slices.Compact(c.Awaits)
	}
	return c, true
}

// borders are the offsets between the requests of a client.
func borders(c plan.Client) []int {
	var at []int
	n := 0
	for _, r := range c.Requests {
		n += r.Len()
		at = append(at, n)
	}
	return at
}

// cuts draws where the bytes are cut: seldom nowhere, mostly at one to three places, sometimes at very many.
func cuts(src Source, b []byte, borders []int) []delivery.Cut {
	if len(b) < 2 {
		return nil
	}
	n := 0
	switch weighted(src, 8, 36, 24, 22, 8, 2) {
	case 1:
		n = 1
	case 2:
		n = 2
	case 3:
		n = 3 + src.IntN(4)
	case 4:
		n = 8 + src.IntN(40)
	case 5:
		if len(b) <= 300 {
			return delivery.EveryByte(len(b)).Cuts
		}
		n = 100
	}
	var delicate []int
	if n > 0 && len(b) <= 1<<16 {
		delicate = append(append(delicate, dialect.CRLFSplits(b)...), dialect.CharacterSplits(b)...)
	}
	at := make([]int, 0, n)
	for range n {
		at = append(at, place(src, len(b), delicate, borders))
	}
	slices.Sort(at)
	var all []delivery.Cut
	for _, k := range slices.Compact(at) {
		if 0 < k && k < len(b) {
			all = append(all, delivery.Cut{At: k})
		}
	}
	return all
}

// place draws one place to cut n bytes at, which may fall outside of them.
func place(src Source, n int, delicate, borders []int) int {
	switch weighted(src, 30, 30, 25, 10, 5) {
	case 1:
		if len(delicate) > 0 {
			return pick(src, delicate)
		}
	case 2:
		if len(borders) > 0 {
			return pick(src, borders) + src.IntN(3) - 1
		}
	case 3:
		return 1<<src.IntN(18) + src.IntN(3) - 1
	case 4:
		return pick(src, []int{1, n - 1, n - 2})
	}
	return 1 + src.IntN(n-1)
}
