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

// proof says of an answer that is not right what the order shows: its wrong byte came, or the server closed the connection, before the client
// had sent all of the request; "" of others. What the timeline has is that of the whole connection.
func (t *Trial) proof(timeline []delivery.Event) string {
	wrong := t.had + t.Answer.FirstDifference
	var came, sent int64
	var early delivery.Event // what holds the wrong byte
	var before []byte        // the request, as far as it was sent by then
	for _, e := range timeline {
		switch e.Kind {
		case delivery.KindNote: // what follows does not tell how much there was before
			return ""
		case delivery.KindReceive:
			if came += int64(e.Count); early.Kind == "" && t.Answer.State == delivery.Wrong && wrong < came {
				early, before = e, t.sent(sent)
			}
		case delivery.KindSend:
			if sent += int64(e.Count); early.Kind != "" && sent > t.Before {
				return fmt.Sprintf("it answered %s before %s was sent%s", quoted(early.Bytes, early.Count), quoted(e.Bytes, e.Count), t.hasty(before))
			}
		}
	}
	had, due := t.sent(sent), len(t.Session.Answers) > 0 // else its asker tells what is right, as of HTTP, where to close may be
	if rest := t.Session.Request[len(had):]; due && t.Answer.Ending == delivery.FIN && len(had) > 0 && len(rest) > 0 {
		return fmt.Sprintf("it closed the connection before %s was sent%s", quoted(rest, len(rest)), t.hasty(had))
	}
	return ""
}

// sent is the request as far as it was sent, when so many bytes were on the connection.
func (t *Trial) sent(all int64) []byte {
	return t.Session.Request[:min(max(all-t.Before, 0), int64(len(t.Session.Request)))]
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
	early := e.FirstDifference >= 0 && e.FirstDifference < e.Actual.Total || e.Ending == string(delivery.FIN)
	if e.Proof != "" || len(e.Cuts) == 0 || !early || e.Failed < e.Runs {
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

// quoted shows n bytes as a sentence does, of which these are the first.
func quoted(b []byte, n int) string {
	if len(b) == 0 {
		return show.CountOf(n, "byte")
	}
	if b = b[:min(len(b), mostQuoted)]; len(b) < n {
		return fmt.Sprintf("\"%s\"… (%s)", show.Bytes(b), show.CountOf(n, "byte"))
	}
	return `"` + show.Bytes(b) + `"`
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
