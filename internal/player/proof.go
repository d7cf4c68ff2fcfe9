package player

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// proof says of a wrong answer whose wrong byte came before the client had sent all of the request what that shows; "" of others. What the
// timeline has is that of the whole connection.
func (t *Trial) proof(timeline []delivery.Event) string {
	if t.Answer.State != delivery.Wrong {
		return ""
	}
	wrong := t.had + t.Answer.FirstDifference
	var early delivery.Event // what holds the wrong byte
	var before []byte        // the request, as far as it was sent by then
	sent, came := int64(0), int64(0)
	for _, e := range timeline {
		switch e.Kind {
		case delivery.KindNote: // what follows does not tell how much there was before
			return ""
		case delivery.KindReceive:
			if came += int64(e.Count); early.Kind == "" && wrong < came {
				early = e
				before = t.Session.Request[:min(max(sent-t.Before, 0), int64(len(t.Session.Request)))]
			}
		case delivery.KindSend:
			if sent += int64(e.Count); early.Kind != "" && sent > t.Before {
				return fmt.Sprintf("it answered %s before %s was sent%s", quoted(early), quoted(e), t.hasty(before))
			}
		}
	}
	return ""
}

// heed is the key of contexts in which clients wait behind cuts for what comes too early.
type heed struct{}

// heeds is for how long the clients of a context do.
func heeds(ctx context.Context) time.Duration {
	d, _ := ctx.Value(heed{}).(time.Duration)
	return d
}

// proven has a failure that cuts have shown each time be shown once more by a client that takes its time: what the server answers before
// it has all of a request is the best evidence. It does not count as an attempt.
func (p *Player) proven(ctx context.Context, f *finding.Finding, attempt func(ctx context.Context, wait time.Duration) *finding.Finding) *finding.Finding {
	if !f.Is(finding.Broken) || f.Died() || ctx.Err() != nil {
		return f
	}
	e := f.Evidence
	if e.Proof != "" || len(e.Cuts) == 0 || e.FirstDifference < 0 || e.FirstDifference >= e.Actual.Total || e.Failed < e.Runs {
		return f
	}
	again := attempt(context.WithValue(ctx, heed{}, patience.Heed), p.Wait())
	if again.Is(finding.Broken) && !again.Died() && !again.Unplanned && again.Evidence.Proof != "" && again.Problem == f.Problem {
		again.Evidence.Runs, again.Evidence.Failed = e.Runs, e.Failed
		f.Evidence = again.Evidence
	}
	return f
}

// hasty says what a server has not waited for that answers a request as far as that was sent.
func (t *Trial) hasty(sent []byte) string {
	if len(sent) == 0 {
		return ", so it did not wait for a request"
	}
	if _, lines := t.client.player.Dialect.(dialect.LineReader); lines && !bytes.HasSuffix(sent, []byte("\n")) {
		return ", so it did not wait for the end of the line"
	}
	return ", so it did not wait for the rest of the message"
}

// mostQuoted is how many bytes of an event a sentence shows.
const mostQuoted = 24

// quoted shows the bytes of an event as a sentence does.
func quoted(e delivery.Event) string {
	if len(e.Bytes) == 0 {
		return show.CountOf(e.Count, "byte")
	}
	text := e.Bytes[:min(len(e.Bytes), mostQuoted)]
	if len(text) < e.Count {
		return fmt.Sprintf("\"%s\"… (%s)", show.Bytes(text), show.CountOf(e.Count, "byte"))
	}
	return `"` + show.Bytes(text) + `"`
}

// raw is a connection's bytes in order, as evidence keeps them.
func raw(all []delivery.Raw) (kept []report.Raw) {
	left := report.RawLimit
	for _, r := range all {
		from := "client"
		if r.Server {
			from = "server"
		}
		text := r.Bytes[:min(len(r.Bytes), left)]
		left -= len(text)
		kept = append(kept, report.Raw{From: from, Bytes: text, Total: int64(r.Total)})
	}
	return kept
}
