package judge

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
)

// TestInterruptIsHeard: whatever a run waits for when it is interrupted, it is over within a second.
func TestInterruptIsHeard(t *testing.T) {
	table(t)
	hung := func(t *testing.T, hangs func(life, client int) bool) Config {
		lives := 0
		return revived(t, "line", func(l *inmemory.TCPListener) func() {
			lives++
			life, dead := lives, make(chan struct{})
			var clients atomic.Int64
			b := on(t, l, func(c conn) {
				if n := int(clients.Add(1)); hangs(life, n) {
					<-dead
					return
				}
				(&limited{most: 1000}).serve(c, 1)
			})
			end := func() {
				select {
				case <-dead:
				default:
					close(dead)
				}
				b.die()
			}
			t.Cleanup(end)
			return end
		})
	}
	for _, kind := range []struct {
		name   string
		step   time.Duration
		server func(t *testing.T) Config
	}{
		{"drips", 100 * time.Second, func(t *testing.T) Config {
			return serving(t, "line", func(c conn, n int) { (&limited{most: 1000}).serve(drips{c, time.Second}, n) })
		}},
		{"hangs behind some clients", 5 * time.Second, func(t *testing.T) Config {
			return hung(t, func(_, client int) bool { return client > 3 })
		}},
		{"hangs when it is started again", 5 * time.Second, func(t *testing.T) Config {
			return hung(t, func(life, client int) bool { return life > 1 || client > 3 })
		}},
		{"hangs behind many clients", 5 * time.Second, func(t *testing.T) Config {
			return hung(t, func(_, client int) bool { return client > 150 })
		}},
		{"refuses behind some clients", time.Second, func(t *testing.T) Config {
			return mortalLife(t, "resets", 0, func(number int, _ time.Duration) bool { return number > 3 })
		}},
	} {
		for after := kind.step / 20; after < 20*kind.step; after += kind.step {
			virtually(t, fmt.Sprintf("%s/%s", kind.name, after), func(t *testing.T) {
				cfg := kind.server(t)
				cfg.Timeout = time.Minute
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				var at time.Time
				timer := time.AfterFunc(after, func() {
					at = time.Now()
					interrupt()
				})
				defer timer.Stop()
				rep, err := Judge(ctx, cfg)
				if err != nil {
					t.Fatal(err)
				}
				if ctx.Err() == nil {
					return // it was over before
				}
				if late := time.Since(at); late > time.Second {
					t.Errorf("it was over %s later", late)
				}
				if !rep.Interrupted {
					t.Errorf("it is not said that it was interrupted: %s", told(rep))
				}
			})
		}
	}
}
