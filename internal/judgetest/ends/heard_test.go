package ends

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestInterruptIsHeard: whatever a run waits for when it is interrupted, it is over within a second.
func TestInterruptIsHeard(t *testing.T) {
	judgetest.Table(t)
	hung := func(t *testing.T, hangs func(life, client int) bool) judge.Config {
		lives := 0
		return revived(t, "line", func(l *inmemory.TCPListener) func() {
			lives++
			life, dead := lives, make(chan struct{})
			var clients atomic.Int64
			b := judgetest.On(t, l, func(c judgetest.Conn) {
				if n := int(clients.Add(1)); hangs(life, n) {
					<-dead
					return
				}
				(&judgetest.Limited{Most: 1000}).Serve(c, 1)
			})
			end := func() {
				select {
				case <-dead:
				default:
					close(dead)
				}
				b.Die()
			}
			t.Cleanup(end)
			return end
		})
	}
	for _, kind := range []struct {
		name   string
		step   time.Duration
		server func(t *testing.T) judge.Config
	}{
		{"drips", 100 * time.Second, func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", func(c judgetest.Conn, n int) {
				(&judgetest.Limited{Most: 1000}).Serve(judgetest.Drips{Conn: c, Apart: time.Second}, n)
			})
		}},
		{"hangs behind some clients", 5 * time.Second, func(t *testing.T) judge.Config {
			return hung(t, func(_, client int) bool { return client > 3 })
		}},
		{"hangs when it is started again", 5 * time.Second, func(t *testing.T) judge.Config {
			return hung(t, func(life, client int) bool { return life > 1 || client > 3 })
		}},
		{"hangs behind many clients", 5 * time.Second, func(t *testing.T) judge.Config {
			return hung(t, func(_, client int) bool { return client > 150 })
		}},
		{"refuses behind some clients", time.Second, func(t *testing.T) judge.Config {
			return mortalLife(t, "resets", 0, func(number int, _ time.Duration) bool { return number > 3 })
		}},
	} {
		for after := kind.step / 20; after < 20*kind.step; after += kind.step {
			judgetest.Virtually(t, fmt.Sprintf("%s/%s", kind.name, after), func(t *testing.T) {
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
				rep, err := judge.Judge(ctx, cfg)
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
					t.Errorf("it is not said that it was interrupted: %s", judgetest.Told(rep))
				}
			})
		}
	}
}
