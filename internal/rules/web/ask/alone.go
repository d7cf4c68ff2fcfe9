package ask

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// lastCut is at how many of its last bytes a message is cut behind which nothing comes: where its end may be missed.
const lastCut = 64

// Complete sends a valid shape alone, whole and cut at its last bytes: it is answered, and not when more comes.
func (a *Asker) Complete(h Shape) *finding.Finding {
	h.Alone = true
	q := h.Question(a.Service)
	f := a.held(h, q, delivery.Whole())
	for at := max(1, len(q.Bytes)-lastCut); f == nil && !h.Whole && at < len(q.Bytes) && a.Framed(); at++ {
		if !a.LeavesOut() {
			f = a.held(h, q, delivery.CutAt(at))
		}
	}
	return f
}

// held finds that a message is answered only when more comes, or the end of the stream: what is not answered then either, or is
// refused, is for the requirement that the message is of.
func (a *Asker) held(h Shape, q service.Question, how delivery.Segments) *finding.Finding {
	return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
		seen, f := a.Service.Ask(ctx, a.Player, q, how, wait)
		if f != nil || !seen.Finished {
			return f
		}
		q := q
		q.Alone = false
		followed, f := a.Service.Ask(ctx, a.Player, q, how, wait)
		if f != nil || !taken(followed.Reading) {
			return f
		}
		h.Want = Take()
		return a.Found(h, seen, "alone, and whole, it is not answered: the server waits for what comes behind it, or the end of the stream", finding.Fails)
	}))
}

// Alone is what comes of a shape in one segment behind which nothing is sent; nil, and perhaps why, where that is no answer.
func (a *Asker) Alone(h Shape) (seen *service.Seen, f *finding.Finding) {
	h.Alone = true
	f = a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
		if seen, f = a.Service.Ask(ctx, a.Player, h.Question(a.Service), delivery.Whole(), wait); f == nil && seen.Finished {
			f = seen.Trial.Missing("the server did not answer it")
		}
		return f
	}))
	switch {
	case f != nil && !f.Fact():
		return nil, f
	case f != nil || seen.First == nil:
		return nil, nil
	}
	return seen, nil
}
