package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// ErrForeign marks the finding that bytes came which are another client's.
var ErrForeign = errors.New("bytes of another client came")

// ErrBeside marks the finding of what fails beside other clients, and not alone.
var ErrBeside = errors.New("it fails beside other clients, and not alone")

// foreign says whether bytes that came are another's: they hold what only that one has sent, or what only it is to get.
func foreign(came []byte, own, other dialect.Turn, name string) bool {
	const telling = 4 // bytes: fewer may be anybody's
	half := len(other.Request) / 2
	for _, part := range [][]byte{other.Request[:half], other.Request[half:], other.Answer, []byte(name)} {
		part = bytes.TrimSpace(part)
		if len(part) >= telling && bytes.Contains(came, part) && !bytes.Contains(own.Answer, part) {
			return true
		}
	}
	return false
}

// Interleaved is Interleave by the rule of retries.
func (b *Bench) Interleaved(ctx context.Context, clients, rounds int) *finding.Finding {
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		return b.Interleave(ctx, clients, rounds, wait)
	})
}

// Interleave has so many clients send so many requests each, in halves by turns.
func (b *Bench) Interleave(ctx context.Context, clients, rounds int, wait time.Duration) *finding.Finding {
	type one struct {
		c     *player.Client
		turns []dialect.Turn
	}
	all := make([]one, clients)
	defer func() {
		for _, o := range all {
			if o.c != nil {
				o.c.Close()
			}
		}
	}()
	entered := b.Repeat(clients, func(i int) (f *finding.Finding) {
		if all[i].turns, f = b.Turns(rounds); f == nil {
			all[i].c, f = b.Enter(ctx, delivery.Options{Number: i}, wait)
		}
		return f
	})
	if entered != nil {
		return entered
	}
	for round := range rounds {
		for _, o := range all {
			r := o.c.BindTurn(o.turns[round]).Request
			o.c.SendPart(ctx, r[:len(r)/2])
		}
		found := make([]*finding.Finding, len(all))
		worst := b.Repeat(len(all), func(i int) *finding.Finding {
			rest := all[i].c.BindTurn(all[i].turns[round])
			rest.Request, rest.Bind = rest.Request[len(rest.Request)/2:], nil
			found[i] = all[i].c.Turn(ctx, rest, delivery.Whole(), wait)
			return found[i]
		})
		if worst == nil {
			continue
		}
		o := all[slices.Index(found, worst)]
		own := o.c.BindTurn(o.turns[round])
		for _, p := range all {
			if p.c == o.c || !worst.Failed() || worst.Evidence == nil {
				continue
			}
			others := p.c.BindTurn(p.turns[round])
			came := p.c.Receive(ctx, delivery.Want{Idle: patience.Early, Total: patience.Early, Keep: 4 << 10}) // what o is owed, perhaps
			switch {
			case foreign(came.Head, others, own, o.c.Name()):
				worst.Cause, worst.Problem = ErrForeign, worst.Problem+"; what it is owed came to another client"
			case foreign(worst.Evidence.Actual.Text, own, others, p.c.Name()):
				worst.Cause = ErrForeign
			}
		}
		return worst.During(fmt.Sprintf("with %d clients that sent their requests in halves by turns, ", clients))
	}
	return nil
}

// Fewest looks for the fewest clients that show what so many have shown, f: two, four, and so on.
func Fewest(ctx context.Context, clients int, f *finding.Finding, try func(clients int) *finding.Finding) *finding.Finding {
	if !f.Fact() || f.Died() || f.Is(finding.Gone) {
		return f
	}
	for n := 2; n < clients && ctx.Err() == nil; n *= 2 {
		less := try(n)
		if less.Died() || less.Is(finding.Gone) {
			break
		}
		if less.Fact() && errors.Is(less.Cause, ErrForeign) == errors.Is(f.Cause, ErrForeign) {
			return less
		}
	}
	return f
}
