// Package bench is what a rule sees of the suite: the server under test, its dialect and what is known of it, sessions and
// clients, and ways to look at the server's process. What is done through it is counted and recorded.
package bench

import (
	"context"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Facts are what the gate found out about the server.
type Facts struct {
	Serial bool // it serves one client at a time
	Mixes  bool // it mixes the bytes of its clients
	Late   bool // it answers a request only when the client's side has ended
	// Shown is what shows Late, by the rule of retries; else nil.
	Shown *finding.Finding
	// Workers is how many clients it serves at once, and no more; 0 where it serves more than MostWorkers, or one at a time.
	Workers int
	// Most is how many clients it takes at once, where its user has said that; else 0.
	Most int
	// Turnover is how many clients may come one after another until the server serves nobody any more, as far as that was seen; else 0.
	Turnover int
}

// MostWorkers is up to how many clients at once it is found out how many the server serves.
const MostWorkers = 16

// OneAtATime says whether the server is judged one connection at a time, lest what clients do to
// one another be blamed on something else.
func (f Facts) OneAtATime() bool { return f.Serial || f.Mixes || f.Workers > 0 }

// Few says whether the server serves few clients at once: where more have come, some wait until others leave.
func (f Facts) Few() bool { return f.Serial || f.Workers > 0 }

// LateShown is what has shown that a slow server answers a request only when the client's side has ended: to ask for that again would
// take as long as for all else. It is nil where it is to be asked for.
func (b *Bench) LateShown() *finding.Finding {
	if !b.Patience.Slow() || b.Facts.Shown == nil {
		return nil
	}
	f, evidence := *b.Facts.Shown, *b.Facts.Shown.Evidence
	f.Evidence = &evidence
	return &f
}

// A Reader reads n bytes and decodes them, as the contract's read does.
type Reader interface {
	Read(n int) (string, error)
}

// A Bench is what one case works with.
type Bench struct {
	*player.Player
	Facts Facts
	// Rand is drawn from the run's seed and the case's id: the same seed makes the same case.
	Rand *rand.Rand
	// Seed is the run's.
	Seed uint64
	// Reader gives the server's read operation over a stream, where the server is Go code in this process; else nil.
	Reader func(io.ReadWriter) Reader
}

// New returns the bench of a case: id decides its random choices, and name is in every text that its clients send.
func New(s *player.Server, id, name string, seed uint64) *Bench {
	h := fnv.New64a()
	h.Write([]byte(id))
	return &Bench{Player: s.Player(name), Rand: rand.New(rand.NewPCG(seed, h.Sum64())), Seed: seed}
}

// Waiting returns the bench with another Wait.
func (b *Bench) Waiting(wait time.Duration) *Bench { return b.with(b.Player.Waiting(wait)) }

// Beside is b beside a client that may hold the server up, which may spin meanwhile.
func (b *Bench) Beside() *Bench { return b.with(b.Player.Beside()) }

// Unrefused is f, or nil where it is what the server does with a client that is too many.
func (b *Bench) Unrefused(f *finding.Finding) *finding.Finding {
	if b.Refused(f) {
		return nil
	}
	return f
}

// Hasty is b that connects also where the server may still count those that have left.
func (b *Bench) Hasty() *Bench { return b.with(b.Player.Hasty()) }

func (b *Bench) with(p *player.Player) *Bench {
	other := *b
	other.Player = p
	return &other
}

// Limits are what the server may hold against its clients.
func (b *Bench) Limits() dialect.Limits {
	l := dialect.LimitsOf(b.Dialect)
	if most := b.Facts.Most; most > 0 && (l.Clients == 0 || most < l.Clients) {
		l.Clients = most
	}
	return l
}

// Clients is how many connections a case opens at once that wants n: as many as the protocol has it, and as the server serves.
func (b *Bench) Clients(n int) int {
	if n = b.Allowed(n); b.Facts.Workers > 0 {
		n = min(n, b.Facts.Workers)
	}
	return n
}

// Allowed is how many connections there may be at once where n are wanted: as many as the protocol has it, whether or not the server
// serves so many.
func (b *Bench) Allowed(n int) int {
	if most := b.Limits().Clients; most > 0 {
		n = min(n, most)
	}
	return n
}

// Impolite is why a server must not be sent rubbish, or nil.
func (b *Bench) Impolite() *finding.Finding {
	if b.Limits().Polite {
		return finding.NewNotShown("the file says that the server must be sent nothing but its messages (limits: polite)")
	}
	return nil
}

// Partial returns the beginning of a request, at which a handler does not fail
// when its client leaves: a server that fails there is LIFE-4's matter alone.
func (b *Bench) Partial() []byte { return b.Dialect.Beginning(b.Traced()) }

// Turns are n requests of one session, or NotShown where the protocol has none that can come again.
func (b *Bench) Turns(n int) ([]dialect.Turn, *finding.Finding) { return b.turns(b.ID(), n) }

func (b *Bench) turns(id string, n int) ([]dialect.Turn, *finding.Finding) {
	turns := b.Dialect.Turns(id, n)
	if len(turns) < n {
		return nil, finding.NewNotShown("no exchange of the dialect can come again on its connection")
	}
	return turns[:n], nil
}

// Failing are sessions that make a handler fail; none where the dialect has no way to.
func (b *Bench) Failing() []dialect.Session {
	if f, ok := b.Dialect.(dialect.Failer); ok {
		return f.Failing()
	}
	return nil
}

// Bulk is a long session of n bytes.
func (b *Bench) Bulk(n int) dialect.Session {
	return b.Dialect.(dialect.Generator).Bulk(n, b.Seed)
}

// Leavings are what clients leave behind that go away in the middle of something: a request that is not whole, or content that was
// not sent.
func (b *Bench) Leavings() [][]byte {
	left := [][]byte{b.Partial()}
	if s, ok := b.Dialect.(dialect.Scripter); ok {
		left = append(left, s.Unsent())
	}
	return left
}

// LeaveBehind begins a session, the i-th of its kind, and leaves in its middle.
func (b *Bench) LeaveBehind(ctx context.Context, i int, reset bool) *finding.Finding {
	c, f := b.Dial(ctx, delivery.Options{})
	if f != nil {
		return f
	}
	left := b.Leavings()
	how := c.SendPart(ctx, left[i%len(left)])
	if reset && how != delivery.Unconfirmed { // a reset takes back what the server has not read: nothing of it can be left
		c.Abort()
	} else {
		c.Close()
	}
	return nil
}

// CaughtUp has a client served behind one that has left, where the server is slow and serves few at once: it works through what each of them
// has left behind, one after another, and who comes behind many of those would wait for all of them.
func (b *Bench) CaughtUp(ctx context.Context) *finding.Finding {
	if !b.Patience.Slow() || !b.Facts.Few() {
		return nil
	}
	return b.Served(ctx)
}

// Served is Pulse, but for an answer that is wrong: the server has survived then, and what it mixes is CONC-1's matter.
func (b *Bench) Served(ctx context.Context) *finding.Finding {
	if f := b.Pulse(ctx); !f.Answered() {
		return f
	}
	return nil
}
