package bench

import (
	"context"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Held are clients that have had a first answer, and stay.
type Held struct {
	bench  *Bench
	mu     sync.Mutex
	all    []*player.Client
	second []dialect.Turn // of each of them
}

// Ramp has more and more clients get a first answer and stay, up to so many, or the first that is not served. A server that is too slow
// for all of them has fewer, and need is how long it would take for them and their second answers; else that is 0.
func (b *Bench) Ramp(ctx context.Context, clients int) (held *Held, need time.Duration, f *finding.Finding) {
	held = &Held{bench: b}
	began := time.Now()
	var took time.Duration
	crowded := b.Crowded(clients)
	f = b.Repeat(clients, func(i int) *finding.Finding {
		if crowded(i) {
			return nil
		}
		if so := time.Since(began); b.Patience.Slow() && so > b.Patience.Large()/6 && held.Clients() > 1 {
			held.mu.Lock()
			defer held.mu.Unlock()
			took = so
			return nil
		}
		return held.enter(ctx, i)
	})
	if took > 0 {
		need = 2 * took * time.Duration(clients) / time.Duration(held.Clients())
	}
	return held, need, f
}

// enter has the i-th client get its first answer.
func (h *Held) enter(ctx context.Context, i int) *finding.Finding {
	t, f := h.bench.Turns(2)
	if f != nil {
		return f
	}
	c, f := h.bench.Enter(ctx, delivery.Options{Number: i}, h.bench.Wait())
	if f != nil {
		return f
	}
	if f := c.Turn(ctx, t[0], delivery.Whole(), h.bench.Wait()); f != nil {
		c.Close()
		return f
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all, h.second = append(h.all, c), append(h.second, t[1])
	return nil
}

// Clients is how many they are.
func (h *Held) Clients() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.all)
}

// Again has each of them get a second answer.
func (h *Held) Again(ctx context.Context) *finding.Finding {
	crowded := h.bench.Crowded(len(h.all))
	return h.bench.Repeat(len(h.all), func(i int) *finding.Finding {
		if crowded(i) {
			return nil
		}
		return h.all[i].Turn(ctx, h.second[i], delivery.Whole(), h.bench.LongWait())
	})
}

// Leave ends all of them.
func (h *Held) Leave() {
	for _, c := range h.all {
		c.Close()
	}
}
