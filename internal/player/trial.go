package player

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/delivery/timeline"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Trial is one session on one connection, and what came of it.
type Trial struct {
	Session dialect.Session
	Plan    delivery.Segments
	Answer  delivery.Answer
	Before  int64 // bytes that were sent on the connection before this session

	client    *Client
	wait      time.Duration    // without a byte
	total     time.Duration    // altogether; 0 where only wait bounds it
	slow      bool             // the client reads slowly
	played    error            // what the sending came to
	whole     bool             // it is all that was said on its connection
	unplanned bool             // see Client.unplanned
	delay     time.Duration    // by how much the client's own side was later than planned
	had       int64            // bytes that were received on the connection before this session
	timeline  []timeline.Event // up to when the answer was found not to be right; of one that is, see events
	cost      int64
}

// Trial begins one of a session, delivered by a plan, whose answer is waited for so long.
func (c *Client) Trial(s dialect.Session, p delivery.Segments, wait time.Duration) *Trial {
	return &Trial{client: c, Session: s, Plan: p, wait: wait, had: c.Received()}
}

// What a part of a failure's evidence costs its reader, in bytes of a request.
const (
	CostOfCut    = 4
	CostOfClient = 64  // another connection that is open meanwhile
	CostOfPause  = 256 // a pause, or a slow reader
)

// Took notes what came of the trial, and what it costs to follow that, and returns t. played is what the sending came to.
func (t *Trial) Took(a delivery.Answer, played error) *Trial {
	t.Answer, t.played = a, played
	t.delay = t.client.Delay()
	if a.State != delivery.Right { // most are, and what a timeline holds is copied
		t.timeline = t.client.Timeline()
	}
	// What was planned counts, also where the server has not let it come so far.
	t.cost = max(t.client.Sent(), t.Before+int64(len(t.Session.Request))) + CostOfCut*int64(max(t.client.Conn.Cuts().Made, len(t.Plan.Cuts)))
	for _, cut := range t.Plan.Cuts {
		if cut.Pause > 0 {
			t.cost += CostOfPause
		}
	}
	if t.slow {
		t.cost += CostOfPause
	}
	t.cost += CostOfClient * int64(t.client.player.tally.others())
	return t
}

// Outlasted notes that the server was to end the connection, and has not before the client did: however late the client was, that is no
// excuse.
func (t *Trial) Outlasted() { t.delay = 0 }

// Cost is what it costs to follow the trial.
func (t *Trial) Cost() int64 { return t.cost }

// Judge says what the answer shows.
func (t *Trial) Judge(ctx context.Context) *finding.Finding {
	if ctx.Err() != nil {
		return finding.Ended(ctx)
	}
	a := t.Answer
	switch {
	case a.State == delivery.Wrong:
		return t.Broken(t.Wrong())
	case t.Session.End == dialect.ByFailure && a.Ending == delivery.StillOpen:
		return t.Missing(fmt.Sprintf("the handler had to fail, but the connection was still open after %s", patience.Text(t.wait)))
	case a.State == delivery.Right:
		return nil
	case a.Ending == delivery.FIN:
		return t.Broken(t.short("the server closed the connection"))
	case a.Ending == delivery.RST && t.client.player.Sees:
		return t.Broken(t.short("the server reset the connection"))
	case a.Ending == delivery.RST: // a far one may be another's
		return t.Missing(t.short("the connection was reset"))
	case errors.Is(t.played, delivery.ErrStalled):
		return t.Missing("the server stopped reading in the middle of the request")
	case a.Steady && a.Unread > 0:
		n := int64(len(t.Session.Request))
		return t.tooSlow(fmt.Sprintf("after %s the request was still being read, with %d of its %d bytes left", patience.Text(a.Elapsed.Round(time.Second)), a.Unread, n), n-a.Unread, n)
	case a.Steady && a.Total > 0 && t.pattern() != nil:
		return t.tooSlow(fmt.Sprintf("after %s the answer was still coming, with %s there", patience.Text(a.Elapsed.Round(time.Second)), show.CountOf(a.Total, "byte")), 0, 0)
	case a.Steady && a.Total > 0:
		n := int64(len(t.expected()))
		return t.tooSlow(fmt.Sprintf("after %s the answer was still coming, with %d of its %d bytes there", patience.Text(a.Elapsed.Round(time.Second)), a.Total, n), a.Total, n)
	case a.Unread > 0:
		return t.Missing(t.short(fmt.Sprintf("the server read nothing more within %s, with %d bytes of the request left", patience.Text(t.wait), a.Unread)))
	default:
		return t.Missing(t.short(fmt.Sprintf("nothing more came within %s", patience.Text(t.wait))))
	}
}

// tooSlow is that of a session whose bytes came all the time, and not to their end: so many of all of them, where that is known.
func (t *Trial) tooSlow(how string, came, all int64) *finding.Finding {
	f := t.Broken(how)
	if t.client.player.Patience.Slow() {
		f = f.Because(finding.NotShown, "the server is slow, and %s: left out", how)
		f.Cause = finding.ErrSlow
		return f
	}
	f = f.Because(finding.Undecided, "%s: too slow to be judged; if the server is meant to be so slow, %s", how, patience.Advice(t.Answer.Elapsed, came, all))
	f.Cause = finding.ErrUnfinished
	return f
}

// Wrong says in words how the answer is wrong.
func (t *Trial) Wrong() string {
	want, at := int64(len(t.expected())), t.Answer.FirstDifference
	if t.pattern() != nil { // of which there is no one length
		if t.overlong() {
			return fmt.Sprintf("the answer goes on after its %s", show.CountOf(at, "byte"))
		}
		return fmt.Sprintf("the answer is wrong from byte %d on", at)
	}
	switch {
	case at < want:
		return fmt.Sprintf("the answer is wrong from byte %d on", at)
	case want == 0:
		return "the server answered where no answer was right"
	case want == 1:
		return "the answer goes on after its one byte"
	}
	return fmt.Sprintf("the answer goes on after its %d bytes", want)
}

// short says how an answer ended that is not complete.
func (t *Trial) short(how string) string {
	if t.Answer.Total == 0 {
		return how + ", and there was no answer"
	}
	if t.pattern() != nil {
		return fmt.Sprintf("%s after %s, which are not a whole answer", how, show.CountOf(t.Answer.Total, "byte"))
	}
	return fmt.Sprintf("%s after %d of the answer's %d bytes", how, t.Answer.Total, len(t.expected()))
}

// pattern is that of the right answer which the received one came closest to; nil where that is bytes.
func (t *Trial) pattern() *match.Pattern {
	if i := t.Answer.Closest; i >= 0 && i < len(t.Session.Like) {
		return t.Session.Like[i]
	}
	return nil
}

// overlong says whether what came before the first difference is a right answer by itself.
func (t *Trial) overlong() bool {
	at := t.Answer.FirstDifference
	return at > 0 && at <= int64(len(t.Answer.Head)) && t.pattern().Matches(t.Answer.Head[:at])
}

// expected is the right answer that the received one came closest to.
func (t *Trial) expected() []byte {
	if i := t.Answer.Closest; i >= 0 && i < len(t.Session.Answers) {
		return t.Session.Answers[i]
	}
	if len(t.Session.Answers) == 0 { // what is right is told by its asker
		return nil
	}
	return t.Session.Answer()
}
