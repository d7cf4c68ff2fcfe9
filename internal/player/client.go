package player

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Client is one connection of a player.
type Client struct {
	*delivery.Conn
	player *Player
	life   *life  // of its server
	name   string // of the connection, where an exchange file may use it
	once   sync.Once
	heard  [][]byte // the answers to what comes before its requests, as far as values are used of them

	// unplanned says of the last session that its right answer shows little: a cut was no separate read, or the end of the stream,
	// where it was to come by itself, came with the last bytes.
	unplanned bool
	trial     *Trial // the last session
}

// Close closes the connection and counts what it did. Once the case has no time left, or the run was interrupted, it resets
// it: the server need not work on for what it still holds of it, and can be stopped at once.
func (c *Client) Close() {
	c.once.Do(func() {
		c.player.tally.closed(c.Conn.Cuts())
		defer c.life.left()
		defer c.player.limit.Left()
		if c.player.tally.over() != nil {
			_ = c.Conn.Reset() // nothing more is said on it
			return
		}
		_ = c.Conn.Close()
	})
}

// Abort closes the connection by a reset, and counts what it did.
func (c *Client) Abort() {
	c.once.Do(func() {
		c.player.tally.closed(c.Conn.Cuts())
		defer c.life.left()
		defer c.player.limit.Left()
		_ = c.Conn.Reset()
	})
}

// Cut is the connection's, for a case that sends the parts of a request itself: what was sent cannot be delivered once more,
// and so the server has at once the time to read it that it would have then.
func (c *Client) Cut(ctx context.Context) delivery.Confirmation {
	t := c.player.tally
	how := c.CutWithin(ctx, t.longCut(c.player.Patience))
	if how == delivery.Unconfirmed && ctx.Err() == nil && c.PeerClosed() == delivery.StillOpen {
		t.inVain()
	}
	return how
}

// SendPart sends the beginning of a request and waits until the server has read it. That the server has left before is judged by
// what comes of it.
func (c *Client) SendPart(ctx context.Context, b []byte) delivery.Confirmation {
	if c.Send(ctx, b) != nil {
		return delivery.Unconfirmed
	}
	return c.Cut(ctx)
}

// Finish sends what is left of a session after sent bytes, takes its answer
// without judging it, and closes: nothing of it is left on the server. It is false where the answer did not come in time.
func (c *Client) Finish(ctx context.Context, s dialect.Session, sent int) (came bool) {
	if err := c.Send(ctx, s.Request[sent:]); err == nil && s.End == dialect.ByClient {
		_ = c.HalfClose() // the server may have closed before
	}
	w := delivery.Want{Any: s.Answers, Like: s.Like, ToEnd: s.End != dialect.ByLeaving, Idle: c.player.Wait() / 2, EndIdle: patience.Finished}
	a := c.Receive(ctx, w)
	if came = !a.TimedOut || a.State == delivery.Right; !came {
		c.life.misses()
	}
	c.Close()
	return came
}

// Leave ends the connection as a polite client does: it half-closes, takes what
// is still coming, and closes.
func (c *Client) Leave(ctx context.Context) {
	if err := c.HalfClose(); err == nil {
		c.Receive(ctx, delivery.Want{Idle: c.player.Wait() / 2, Total: c.player.Wait()})
	}
	c.Close()
}

// Bind returns the session for this connection, and for what was answered on it so far.
func (c *Client) Bind(s dialect.Session) dialect.Session {
	s, _ = c.tell(bound(s, c.name))
	return s
}

// bound is the session for a connection of that name.
func bound(s dialect.Session, name string) dialect.Session {
	if s.Bind != nil {
		return s.Bind(name)
	}
	return s
}

// tell returns the session as it is for what was answered to its opening.
func (c *Client) tell(s dialect.Session) (dialect.Session, *finding.Finding) {
	if s.Told == nil || c.heard == nil {
		return s, nil
	}
	told, err := s.Told(c.heard)
	if err != nil {
		return s, finding.NewUndecided("before the request, %v", err)
	}
	return told, nil
}

// BindTurn returns the turn for this connection, and for what was answered on it so far.
func (c *Client) BindTurn(t dialect.Turn) dialect.Turn {
	if t.Bind != nil {
		t = t.Bind(c.name)
	}
	if t.Told != nil && c.heard != nil {
		if told, err := t.Told(c.heard); err == nil {
			return told
		}
	}
	return t
}

// Name is the connection's, where an exchange file may use it.
func (c *Client) Name() string { return c.name }

// Open does what comes before a session's request: a greeting is taken, and what sets the session up is sent and answered.
func (c *Client) Open(ctx context.Context, opening []dialect.Turn, wait time.Duration) *finding.Finding {
	for _, t := range opening {
		words := "before the request, "
		if len(t.Request) == 0 {
			words = "before anything was sent, "
		}
		answer, f := c.turn(ctx, t, delivery.Whole(), wait, mostHeard)
		if f != nil {
			return f.During(words)
		}
		c.heard = append(c.heard, answer.Head)
	}
	return nil
}

// fitting is a delivery without the cuts that a request is too short for, where a value in it is shorter than was planned.
func fitting(p delivery.Segments, n int) delivery.Segments {
	p.Cuts = slices.DeleteFunc(slices.Clone(p.Cuts), func(cut delivery.Cut) bool { return cut.At >= n })
	return p
}

// mostHeard is how many bytes are kept of each answer to what comes before a request.
const mostHeard = 64 << 10

// Turn sends one request of a session that stays open and waits for its answer.
func (c *Client) Turn(ctx context.Context, turn dialect.Turn, p delivery.Segments, wait time.Duration) *finding.Finding {
	_, f := c.turn(ctx, turn, p, wait, 0)
	return f
}

// turn is Turn that returns the answer too, of which so many bytes are kept.
func (c *Client) turn(ctx context.Context, turn dialect.Turn, p delivery.Segments, wait time.Duration, keep int) (delivery.Answer, *finding.Finding) {
	planned := len(turn.Request)
	if turn = c.BindTurn(turn); len(turn.Request) < planned {
		p = fitting(p, len(turn.Request))
	}
	s := dialect.Session{Name: "one request of several", Request: turn.Request, Answers: [][]byte{turn.Answer}, Like: []*match.Pattern{turn.Like}}
	t := c.Trial(s, p, wait)
	t.Before = c.Sent()
	answer, err := c.Exchange(ctx, turn.Request, p, delivery.Want{Any: s.Answers, Like: s.Like, Idle: wait, Total: wait + patience.Turn, Keep: keep})
	return answer, t.Took(answer, err).Judge(ctx)
}

// depart leaves as the protocol has it, when the answer was right. More than it that came shows here: it comes before
// what the server answers to the leaving.
func (c *Client) depart(ctx context.Context, t *Trial, wait time.Duration) *finding.Finding {
	s := t.Session
	if len(s.Closing) > 0 {
		for _, step := range s.Closing {
			if f := c.Turn(ctx, step, delivery.Whole(), wait); f != nil {
				return f.During("behind the answer, when the client left: ")
			}
		}
		return nil
	}
	w := delivery.Want{Any: [][]byte{{}}, ToEnd: true, Idle: patience.Behind}
	if s.Unasked != nil {
		w.Like = []*match.Pattern{s.Unasked}
	}
	if s.Farewell != nil && c.HalfClose() == nil {
		w.Any, w.Like, w.Idle = [][]byte{s.Farewell.Answer}, []*match.Pattern{s.Farewell.Like}, wait
	}
	more := c.Receive(ctx, w)
	if ctx.Err() != nil {
		return finding.Ended(ctx)
	}
	if more.State == delivery.Wrong {
		behind := c.Trial(dialect.Session{Name: s.Name, Request: s.Request, Answers: w.Any}, t.Plan, 0)
		return behind.Took(more, nil).Broken("the answer was right, and more came behind it")
	}
	return nil
}
