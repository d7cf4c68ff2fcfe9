package player

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
)

// The rule of retries. A wrong byte fails at once; the attempt is then repeated only to say how often it fails. What is missing
// fails when it is missing again after a longer wait; when it comes then, the verdict is left open. An attempt that met a server that had
// ended is none: it tells what the one before it did. Nor is one in which the client's own side was late, and which failed: it is made once more.

const (
	mostCounted = 3 // attempts that say how often a fact is seen
	mostAsked   = 4 // attempts at what was missing
	mostVoid    = 6 // attempts of which each shows nothing of the server
)

// A step is what the rule of retries asks for next.
type step int

const (
	settled step = iota // nothing: the verdict is known
	repeat              // the same once more, to count
	ask                 // the same once more, with the longer wait
)

// judged is what attempts come to, in the order in which they were made: the step that follows, and the finding where nothing
// does. took is how long they took together, and longer is the longer wait.
func judged(attempts []*finding.Finding, took, longer time.Duration) (step, *finding.Finding) {
	first := attempts[0]
	switch {
	case first.Is(finding.Gone) && first.Certain: // what is asked of a server that has ended shows nothing more
		return settled, first
	case first.Fact():
		if len(attempts) < mostCounted && took < patience.MostCounted {
			return repeat, nil
		}
		return settled, counted(attempts)
	case first.Failed():
		return asked(attempts, longer)
	}
	return settled, first
}

// counted is the first fact with the number of attempts at it. Where that was not delivered as it was to be, another that was is
// the better evidence.
func counted(attempts []*finding.Finding) *finding.Finding {
	best, failed := attempts[0], 0
	for _, f := range attempts {
		if f.Failed() {
			failed++
		}
		if best.Unplanned && f.Fact() && !f.Unplanned {
			best = f
		}
	}
	best.Evidence.Runs, best.Evidence.Failed = len(attempts), failed
	return best
}

// asked is what attempts at something missing come to. What was missing once came within the longer wait.
func asked(attempts []*finding.Finding, longer time.Duration) (step, *finding.Finding) {
	last := attempts[len(attempts)-1]
	switch {
	case len(attempts) > 1 && last.Failed():
		last.Evidence.Runs, last.Evidence.Failed = len(attempts), 2
		return settled, last.Settled()
	case len(attempts) > 1 && last != nil:
		return settled, last
	case len(attempts) < mostAsked:
		return ask, nil
	}
	f := once(attempts)
	f.Problem += "; try again while the machine has less to do"
	if attempts[0].Is(finding.Missing) {
		f.Problem += fmt.Sprintf(", and where the server is meant to answer so late now and then, give it a --timeout of %s", patience.Text(longer))
	}
	return settled, f
}

// once is what was missing the first time alone.
func once(attempts []*finding.Finding) *finding.Finding {
	first := attempts[0]
	first.Evidence.Runs = len(attempts)
	return first.Because(finding.Undecided, "%s, once of %d times: too rarely to tell the server from a busy machine", first.Problem, len(attempts))
}

// Confirm makes attempts by the rule of retries, each with the wait that it is told. What was made when ctx ends is what counts.
func (p *Player) Confirm(ctx context.Context, attempt func(ctx context.Context, wait time.Duration) *finding.Finding) *finding.Finding {
	began := time.Now()
	first := p.InTime(ctx, func() *finding.Finding { return attempt(ctx, p.Wait()) })
	return p.retry(ctx, began, []*finding.Finding{first}, attempt)
}

// InTime makes an attempt, and makes it again where its failure is void ([finding.Finding.Void]): the verdict is left open where each is.
func (p *Player) InTime(ctx context.Context, attempt func() *finding.Finding) *finding.Finding {
	for n := 1; ; n++ {
		f := attempt()
		switch {
		case !f.Void():
			return f
		case n == mostVoid, ctx.Err() != nil:
			return f.Because(finding.Undecided, "%s; but this machine kept the client from running, so that its own part came %s later than planned (the last of %s): the server may have been right to end for that",
				f.Problem, patience.Text(f.Delay), show.CountOf(int64(n), "attempt"))
		}
	}
}

// Ask goes on by the rule of retries with a first finding that is there already.
func (p *Player) Ask(ctx context.Context, first *finding.Finding, attempt func(ctx context.Context, wait time.Duration) *finding.Finding) *finding.Finding {
	return p.retry(ctx, time.Now(), []*finding.Finding{first}, attempt)
}

func (p *Player) retry(ctx context.Context, began time.Time, attempts []*finding.Finding, attempt func(ctx context.Context, wait time.Duration) *finding.Finding) *finding.Finding {
	if f := attempts[0]; f.Failed() && f.Unplanned {
		p.MorePatience()
	}
	for {
		next, verdict := judged(attempts, time.Since(began), p.LongWait())
		if next == settled {
			return p.proven(ctx, verdict, attempt)
		}
		wait := p.Wait()
		if next == ask {
			if _, refused := Refusal(attempts[len(attempts)-1]); !refused && p.hangs(ctx) {
				return hanging(attempts)
			}
			wait = p.LongWait()
		}
		var f *finding.Finding
		if ctx.Err() == nil {
			f = p.InTime(ctx, func() *finding.Finding { return attempt(ctx, wait) })
		}
		if ctx.Err() != nil {
			return unfinished(attempts)
		}
		if attempts = append(attempts, f); f.Is(finding.Gone) && f.Certain {
			return died(attempts) // it met a server that had ended, and is no failure of its own
		}
	}
}

// hanging is what attempts come to behind which the server serves nobody any more: the last one shows that, and is not made again of a
// server that cannot show more.
func hanging(attempts []*finding.Finding) *finding.Finding {
	last := attempts[len(attempts)-1]
	if last == nil { // it came when it was asked for again, and the server hangs of something else
		return once(attempts)
	}
	if last.Cause != errHangs {
		last.Problem += "; nor does the server serve anybody else any more"
	}
	return last.Settled()
}

// unfinished is what attempts come to where there is no time for more: a fact is one, and what was missing once is not known.
func unfinished(attempts []*finding.Finding) *finding.Finding {
	if attempts[0].Fact() {
		return counted(attempts)
	}
	return once(attempts)
}

// afterwards puts words before a fact about a plain session.
func afterwards(f *finding.Finding) *finding.Finding {
	if f.Fact() {
		f.Problem = fmt.Sprintf("afterwards, a fresh connection was not served: %s", f.Problem)
	}
	return f
}
