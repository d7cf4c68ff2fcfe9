package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// short ends a POST behind each of its bytes, by a FIN alone and by one with the last of them: the server ends the connection, and does not
// answer as if all had come. Of the last bytes, so many, the RFC leaves it open whether they are missing: what comes of that is said.
func short(a *ask.Asker, name, text string, open int) *finding.Finding {
	b := a.Service.Write(text)
	head := len(a.Service.Write(text[:len(text)-len(bodyOf(text))]))
	if why := ask.Echo.Why(a.Service); why != "" {
		a.Observe("in part: %s", why)
	}
	for at := 1; at < len(b)-open; at++ {
		for _, end := range []delivery.ClientEnd{delivery.HalfClose, delivery.HalfCloseWithData} {
			if a.LeavesOut() {
				continue
			}
			f := a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
				seen, f := ending(ctx, a, name, b[:at], end, wait)
				if f != nil {
					return f
				}
				return unfinished(a, seen, fmt.Sprintf("%s that ends behind byte %d of %d", name, at, len(b)), at < head)
			}))
			if f != nil {
				return f
			}
		}
	}
	if f := left(a, name, b, open); f != nil {
		return f
	}
	return a.Pulse().During(fmt.Sprintf("behind %s that ended too early: ", name))
}

// ending asks a message that the client ends there.
func ending(ctx context.Context, a *ask.Asker, name string, b []byte, end delivery.ClientEnd, wait time.Duration) (*service.Seen, *finding.Finding) {
	if wait > a.Patience.Answer+1 { // looked at again
		wait = max(wait, a.Service.CloseWait, patience.Lingers)
	}
	q := service.Question{Message: http1.Message{Name: name, Bytes: b, Asked: []http1.Asked{{}}, Ends: true}, Plain: ask.OfBody.Of(a.Service), Alone: true}
	return a.Service.Ask(ctx, a.Player, q, delivery.Whole().WithEnd(end), wait)
}

// unfinished is what came of a message that was cut short.
func unfinished(a *ask.Asker, seen *service.Seen, what string, inHead bool) (f *finding.Finding) {
	switch {
	case seen.First != nil && seen.First.Status/100 == 2 && (a.Service.Echoes || inHead):
		f = seen.Trial.Broken(fmt.Sprintf("%s: the server took it for complete: it answered %d", what, seen.First.Status))
	case len(seen.Others) > 0 && !refusedLate(a.Service, seen):
		f = seen.Trial.Broken(fmt.Sprintf("%s: the server answered more than was asked: it took a part of it for a request", what))
	case !seen.Closed:
		f = seen.Trial.Missing(fmt.Sprintf("%s: the connection was still open after %s", what, patience.Text(seen.Trial.Answer.Elapsed.Round(time.Millisecond))))
	default:
		return nil
	}
	f.Grade = finding.Fails
	f.Evidence.Cost += player.CostOfPause // a stream that ends too early is as much to follow
	return f
}

// left says what comes of a message of which the last bytes are missing that may be.
func left(a *ask.Asker, name string, b []byte, open int) *finding.Finding {
	var said []string
	for at := len(b) - open; at < len(b); at++ {
		f := a.Confirm(a.Ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
			seen, f := ending(ctx, a, name, b[:at], delivery.HalfClose, wait)
			if f != nil {
				return f
			}
			words := "ended the connection without an answer"
			if seen.First != nil {
				words = fmt.Sprintf("answered %d", seen.First.Status)
			}
			if !seen.Closed {
				words += ", and left the connection open"
			}
			if !slices.Contains(said, words) {
				said = append(said, words)
				a.Observe("%s without its last %d bytes: the server %s", name, len(b)-at, words)
			}
			return nil
		})
		if f != nil {
			return f
		}
	}
	return nil
}

// bodyOf is what stands behind the head in the notation of [http1.Target.Write].
func bodyOf(text string) string {
	for i := range text {
		if i > 1 && text[i-2:i] == "\n\n" {
			return text[i:]
		}
	}
	return ""
}
