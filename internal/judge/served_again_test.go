package judge_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/rules/process"
)

// TestServedAgain: a server whose descriptors had been used up is waited for while it listens, and not where nobody does any more.
func TestServedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		listens       bool
		kind          finding.Kind
		after, before time.Duration
	}{
		"it listens, and accepts nobody": {true, finding.Broken, patience.Reopened, 4 * patience.Reopened},
		"nobody listens":                 {false, finding.Gone, 0, 3 * patience.Refusing},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			var full atomic.Bool
			cfg := judgetest.Serving(t, "line", func(conn judgetest.Conn, _ int) {
				for lines := bufio.NewScanner(conn); lines.Scan() && !full.Load(); {
					_, _ = fmt.Fprintln(conn, lines.Text()) // until the client has left
				}
				_, _ = io.Copy(io.Discard, conn)
			})
			connect := cfg.Connect
			cfg.Connect = func(ctx context.Context, address string, o delivery.Options) (*delivery.Conn, error) {
				if full.Load() && !c.listens {
					return nil, syscall.ECONNREFUSED
				}
				return connect(ctx, address, o)
			}
			r, err := judge.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close(t.Context()) }()
			b := r.Bench("LIFE-13/case", "again")
			defer b.Done()
			if f := process.ServedAgain(t.Context(), b); f != nil {
				t.Fatal(f.Problem)
			}
			full.Store(true)
			began := time.Now()
			f := process.ServedAgain(t.Context(), b)
			if took := time.Since(began); !f.Is(c.kind) || took < c.after || took > c.before {
				t.Errorf("after %s: %+v", took, f)
			}
		})
	}
}
