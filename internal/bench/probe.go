package bench

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// The probes find out what decides how a server can be judged. The gate keeps what they find as facts, and the rules that are
// about it make their evidence by the same probes.

// AnswersLate finds out whether a request is answered while the client's side stays open. It is a fact where it is not.
func (b *Bench) AnswersLate(ctx context.Context) *finding.Finding {
	if _, ok := b.Dialect.(dialect.Learner); ok {
		return nil // every answer that was learned came while the client's side was open
	}
	turns, f := b.turns("a", 1)
	if f != nil {
		return f
	}
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Leave(ctx)
		return c.Turn(ctx, turns[0], delivery.Whole(), wait)
	})
}

// Leftovers finds out whether what one client left behind, a request that is not whole or
// content that was not sent, comes to the next one. It is nil where nothing can be said of that: what is answered wrongly now and then is no
// matter of what was left.
func (b *Bench) Leftovers(ctx context.Context) *finding.Finding {
	for _, left := range b.Leavings() {
		f := eachTime(2, func() *finding.Finding {
			c, f := b.Dial(ctx, delivery.Options{})
			if f != nil {
				return nil
			}
			c.SendPart(ctx, left)
			c.Leave(ctx)
			_, f = b.Try(ctx, b.Dialect.Plain("next"), player.Delivery{}, b.Wait())
			return f
		})
		if f.Answered() && !b.wrongAnyway(ctx) {
			return f.During("after a client that left in the middle of its request, ").Costing(0) // whatever else is wrong may come from it
		}
	}
	return nil
}

// wrongAnyway says whether plain sessions are answered wrongly that nobody has left anything behind for.
func (b *Bench) wrongAnyway(ctx context.Context) bool {
	for range 2 { // the first may get what is still left
		if _, f := b.Try(ctx, b.Dialect.Plain("next"), player.Delivery{}, b.Wait()); !f.Answered() {
			return false
		}
	}
	return true
}

// Crosstalk finds out whether one client is sent the answer to another's request. It is nil where nothing can be said of that.
func (b *Bench) Crosstalk(ctx context.Context) *finding.Finding {
	var clients [2]*player.Client
	var turns [2]dialect.Turn
	for i := range clients {
		t, f := b.Turns(1)
		if f != nil {
			return nil
		}
		c, f := b.Enter(ctx, delivery.Options{Number: i}, b.Patience.Probe())
		if f != nil {
			return nil
		}
		defer c.Leave(ctx)
		clients[i], turns[i] = c, c.BindTurn(t[0])
	}
	for i, c := range clients {
		if c.Turn(ctx, turns[i], delivery.Whole(), b.Patience.Probe()) == nil {
			continue
		}
		other := clients[1-i]
		t := other.Trial(dialect.Session{Answers: [][]byte{{}}}, delivery.Whole(), b.Patience.Answer)
		t.Took(other.Receive(ctx, delivery.Want{Any: t.Session.Answers, ToEnd: true, Idle: patience.Unasked}), nil)
		if n := min(len(t.Answer.Head), len(turns[i].Answer)); t.Answer.Total > 0 && bytes.HasPrefix(turns[i].Answer, t.Answer.Head[:n]) {
			f := t.Broken("the answer to one client's request was sent to another, which had asked for nothing")
			return f.Costing(0) // whatever else is wrong may come from it
		}
		return nil
	}
	return nil
}

// Mixing finds out whether the server mixes what its clients say, one after another or at once.
func (b *Bench) Mixing(ctx context.Context) *finding.Finding {
	if f := b.Leftovers(ctx); f != nil || b.Facts.Serial || b.Facts.Late {
		return f
	}
	return b.Crosstalk(ctx)
}

// HeldUp finds out whether a client is served while another is silent: one that has sent nothing, and one that is in the middle
// of a request. It is a fact where the second got its answer only when the first had left, twice.
func (b *Bench) HeldUp(ctx context.Context) *finding.Finding {
	for _, middle := range []bool{false, true} {
		if f := eachTime(2, func() *finding.Finding { return b.besideSilent(ctx, middle) }); f != nil {
			return f
		}
	}
	return nil
}

// eachTime returns the last of n facts in a row: one alone may be a slow moment of the machine. What is neither a fact nor right ends
// it too.
func eachTime(n int, probe func() *finding.Finding) (f *finding.Finding) {
	for range n {
		if f = probe(); !f.Fact() {
			return f
		}
	}
	return f
}

// A Capacity is how many clients a server serves at once.
type Capacity struct {
	// Clients are these; 0 where it serves more than MostWorkers, or where that is not known.
	Clients int
	// Refuses says that it refuses others, rather than that it serves them when one of these has left; Words are what it says then.
	Refuses bool
	Words   []byte
	// Gone says that it refused a client, and then everybody, for longer than servers do that count those that have left.
	Gone bool
	// Dead is what a plain session comes to, as a fact, where nobody is answered any more; nil where somebody is.
	Dead *finding.Finding
}

// Capacity finds out how many clients the server serves at once, where these are at the most MostWorkers: beside so many that are silent
// another is refused, twice, or gets its answer only when they have left.
func (b *Bench) Capacity(ctx context.Context) (found Capacity) {
	most := MostWorkers
	if limit := b.Limits().Clients; limit > 0 {
		most = min(most, limit-1)
	}
	if b.Patience.Slow() && most > 1 && b.servedBeside(ctx, most, &found) && !found.Gone { // each number of clients would take its time
		return Capacity{}
	}
	least := 1 // beside so many silent clients another is served
	for n := 2; n <= most; n *= 2 {
		served := b.servedBeside(ctx, n, &found)
		if found.Dead != nil {
			break
		}
		if served && !found.Gone {
			least = n
			continue
		}
		for n-least > 1 && !found.Gone && found.Dead == nil {
			if between := (least + n) / 2; b.servedBeside(ctx, between, &found) {
				least = between
			} else {
				n = between
			}
		}
		if found.Gone || found.Dead != nil {
			break
		}
		if found.Refuses && n == 2 && !b.servedBeside(ctx, 1, &found) {
			n = 1
		}
		if found.Refuses && (!b.servesAlone(ctx) || b.servedBeside(ctx, n, &found)) {
			return Capacity{Gone: found.Gone} // it refuses also who is not too many
		}
		if found.Gone {
			break
		}
		found.Clients = n
		return found
	}
	return Capacity{Gone: found.Gone, Dead: found.Dead}
}

// Turnover finds out whether the server takes so many clients and no more that come one after another, each leaving as it should, as one
// does that counts clients for some time after they have left. It is not asked to take many where it is slow. One that serves nobody from
// some client on has not survived them: dead is what its next plain session comes to, by the rule of retries, behind so many others. So it
// may be known of one that is gone.
func (b *Bench) Turnover(ctx context.Context, gone bool) (found Capacity, dead *finding.Finding, others int) {
	const many, full = 256, 4
	began, served := time.Now(), 0
	next := func() *finding.Finding { return b.Deliver(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}) }
	if gone {
		return Capacity{Gone: true}, next(), 0
	}
	for ; served < many && time.Since(began) < patience.Counted && ctx.Err() == nil; served++ {
		f := b.Attempt(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Patience.Probe()).Finding
		words, refused := player.Refusal(f)
		switch {
		case f == nil:
			continue
		case !refused:
			return Capacity{}, next(), served
		}
		for range full { // one that refuses by chance does not refuse again and again
			f := b.Attempt(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Patience.Probe()).Finding
			switch again, refused := player.Refusal(f); {
			case f != nil && !refused:
				return Capacity{}, next(), served
			case f == nil || !bytes.Equal(again, words):
				return Capacity{}, nil, served
			}
		}
		if !b.Readmits(ctx) {
			return Capacity{Gone: true}, next(), served
		}
		return Capacity{Clients: served, Refuses: true, Words: words}, nil, served
	}
	return Capacity{}, nil, served
}

// servesAlone says whether clients are served that come one after another, each when the server no longer counts the one before it, for
// more clients than what was taken for a limit may have met by chance.
func (b *Bench) servesAlone(ctx context.Context) bool {
	for range MostWorkers + 4 {
		player.Sleep(ctx, b.Late())
		if b.Attempt(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Patience.Answer).Finding != nil {
			return false
		}
	}
	return true
}

// servedBeside says whether a client is served beside so many that have connected and are silent. It is not where that was seen twice,
// and it was served when they had left.
func (b *Bench) servedBeside(ctx context.Context, silent int, found *Capacity) bool {
	for range 2 {
		player.Sleep(ctx, b.Late())
		var all []*player.Client
		var f *finding.Finding
		for i := 0; i < silent && f == nil; i++ {
			var c *player.Client
			if c, f = b.Dial(ctx, delivery.Options{Number: i}); f == nil {
				all = append(all, c)
			}
		}
		if f == nil {
			f = b.Attempt(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Patience.Probe()).Finding
		}
		for _, c := range all {
			c.Close() // without a wait for the server's end: one that does not close would take its time for each
		}
		if f == nil || ctx.Err() != nil {
			return true
		}
		if words, refused := player.Refusal(f); refused {
			found.Refuses, found.Words = true, words
			if !b.Readmits(ctx) {
				found.Gone = true
				return true // that hangs on something else
			}
			continue
		}
		if f := b.Afterwards(ctx); f != nil {
			if Unanswered(f) {
				found.Dead = f
			}
			return true // that hangs on something else
		}
	}
	return false
}

// Afterwards is what a plain session comes to, by the rule of retries, behind clients that have left: nil also where it was answered when it was
// asked for again.
func (b *Bench) Afterwards(ctx context.Context) *finding.Finding {
	attempt := func(ctx context.Context, wait time.Duration) *finding.Finding {
		_, f := b.Try(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, wait)
		return f
	}
	f := attempt(ctx, b.Patience.Answer)
	if !f.Waited() {
		return f
	}
	if f = b.Ask(ctx, f, attempt); f.Is(finding.Undecided) && ctx.Err() == nil { // it came
		return nil
	}
	return f
}

// Unanswered says of a fact that nothing ended the connection but the wait: one that was refused may be served later.
func Unanswered(f *finding.Finding) bool {
	return f.Fact() && !f.Answered() && f.Evidence != nil && f.Evidence.Ending == string(delivery.StillOpen)
}

// CrowdTime is how long [patience.Crowd] plain sessions take beside one another, or as many as the server may be asked for at once.
func (b *Bench) CrowdTime(ctx context.Context) time.Duration {
	began := time.Now()
	var crowd sync.WaitGroup
	for range b.Allowed(patience.Crowd) {
		crowd.Go(func() { _, _ = b.Try(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.LongWait()) }) // whether it is right is the cases' matter
	}
	crowd.Wait()
	return time.Since(began)
}

// besideSilent asks for a plain session while another client is silent, in the middle of a request or before one. It is a fact
// where the answer came only after that client had left.
func (b *Bench) besideSilent(ctx context.Context, middle bool) *finding.Finding {
	how := "that has sent nothing"
	if middle {
		how = "in the middle of a request"
	}
	wait := b.Patience.Probe()
	silent, f := b.Dial(ctx, delivery.Options{})
	if f != nil {
		return finding.NewUndecided("%s", f.Problem)
	}
	defer silent.Leave(ctx)
	own, sent := silent.Bind(b.Dialect.Plain(b.ID())), 0
	if middle {
		if f := silent.Open(ctx, own.Opening, wait); f != nil {
			return finding.NewUndecided("%s", f.Problem)
		}
		own = silent.Bind(own)
		sent = len(b.Dialect.Beginning(own.Request))
		silent.SendPart(ctx, own.Request[:sent])
	}
	second, f := b.Dial(ctx, delivery.Options{Number: 1})
	if f != nil {
		return finding.NewUndecided("%s", f.Problem)
	}
	defer second.Close()
	p := second.Bind(b.Dialect.Plain(b.ID()))
	t := second.Trial(p, delivery.Whole(), wait)
	if p.End == dialect.ByClient {
		t.Plan.End = delivery.HalfClose
	}
	entered := second.Open(ctx, p.Opening, wait)
	p = second.Bind(p)
	t.Session = p
	if entered.Fact() {
		return finding.NewUndecided("beside a silent client %s, %s", how, entered.Problem)
	}
	if entered == nil {
		t.Took(second.Exchange(ctx, p.Request, t.Plan, delivery.Want{Any: p.Answers, Like: p.Like, Idle: wait}))
	} else {
		t.Took(t.Answer, nil)
	}
	switch t.Answer.State {
	case delivery.Right:
		if !b.Patience.Slow() { // whether that one is served too takes as long again, and is the cases' matter
			silent.Finish(ctx, own, sent)
		}
		return nil
	case delivery.Wrong:
		return finding.NewUndecided("beside a silent client %s, %s", how, t.Wrong())
	}
	found := t.Broken(fmt.Sprintf("a second client got no answer while the first, %s, stayed silent for %s; it was served when the first had left", how, patience.Text(wait)))
	silent.Leave(ctx)
	if len(p.Opening) > 0 || p.End == dialect.ByLeaving { // a greeting that came too late has been given up
		second.Close()
		if _, f := b.Try(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Patience.Again()); f != nil {
			return finding.NewUndecided("a second client beside a silent one was not served, and none when that one had left either")
		}
		return found
	}
	left := delivery.Want{Any: p.Answers, Like: p.Like, Idle: b.Patience.Again()}
	if t.Answer.Total > 0 {
		left.Any, left.Like = player.Left(p.Answers, t.Answer.Total), nil
	}
	rest := second.Receive(ctx, left)
	if rest.State != delivery.Right {
		return finding.NewUndecided("a second client beside a silent one was not served, and not when that one had left either")
	}
	return found
}
