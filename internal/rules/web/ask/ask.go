// Package ask shows requirements on HTTP/1.1 by the messages of a table: each is asked in every delivery, and what came of it is judged by what
// may come of it.
package ask

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// An Asker shows one requirement of one server.
type Asker struct {
	*bench.Bench
	Ctx     context.Context
	Service *service.Service
	said    []remark
}

// Show shows a rule of a service.
func (r Rule) Show(ctx context.Context, b *bench.Bench, s *service.Service) *finding.Finding {
	if why := r.Lacks.Why(s); why != "" {
		return finding.NewNotShown("%s", why)
	}
	a := &Asker{Bench: b, Ctx: ctx, Service: s}
	defer a.remarks()
	var found []*finding.Finding
	shown, lacking := 0, ""
	for _, h := range r.Shapes {
		if why := h.Lacks.Why(s); why != "" {
			lacking = why
			continue
		}
		shown++
		f := a.Show(h)
		if f.Is(finding.NotShown) {
			shown, lacking = shown-1, f.Problem
			continue
		}
		if f != nil && !f.Failed() {
			return f
		}
		if found = append(found, f); f != nil && f.Grade == finding.Fails { // which is what is told
			return f
		}
	}
	if r.Also != nil {
		shown++
		f := r.Also(a)
		if f.Is(finding.NotShown) {
			shown, lacking = shown-1, f.Problem
		} else if f != nil && !f.Failed() {
			return f
		} else {
			found = append(found, f)
		}
	}
	f := gravest(found)
	switch {
	case f != nil:
		return f
	case shown == 0 && lacking != "":
		return finding.NewNotShown("%s", lacking)
	case lacking != "":
		b.Observe("in part: %s", lacking)
	}
	return nil
}

// gravest is the finding that counts most, the first of those that count as much.
func gravest(found []*finding.Finding) (worst *finding.Finding) {
	for _, f := range found {
		if f != nil && (worst == nil || f.Grade > worst.Grade) {
			worst = f
		}
	}
	return worst
}

// mostRead is up to how many bytes of a message, which is sent at once, come in one read of any server. More may come in several.
const mostRead = 1 << 10

// notFramed says that no delivery of a message shows what a requirement is about.
func notFramed() *finding.Finding {
	return finding.NewNotShown("the answer to a plain request hangs on how it is cut (FRAM-2): what one delivery shows of this is no pass")
}

// Show asks a shape in every delivery that it has. A long one is not asked of a server that takes a read for a message.
func (a *Asker) Show(h Shape) *finding.Finding {
	q := h.Question(a.Service)
	if len(q.Bytes) > mostRead && !a.Framed() {
		return notFramed()
	}
	whole, f := a.whole(h, q)
	if f != nil && (whole == nil || !f.Fact() || f.Grade == finding.Fails) { // without a whole one, the server has ended
		return f
	}
	framed := h.Whole || a.Framed()
	if !h.Whole && framed {
		if cut := a.cuts(h, q, whole); cut != nil {
			return cut
		}
	}
	if whole != nil && (whole.Class != http1.OK || whole.Reading == service.Stopped) { // one request can take a server with it
		if dead := a.Pulse(); dead != nil {
			return dead.During(fmt.Sprintf("behind %s: ", h.Name))
		}
	}
	if f == nil && !framed {
		return notFramed()
	}
	return f
}

// Pulse asks on a fresh connection what the control was asked.
func (a *Asker) Pulse() *finding.Finding {
	plain := service.Question{Message: a.Service.Get(a.Service.Path), Alone: true}
	return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
		seen, f := a.Service.Ask(ctx, a.Player, plain, delivery.Whole(), wait)
		switch {
		case f != nil:
			return f
		case seen.First == nil && (!seen.Closed || seen.Finished):
			return seen.Trial.Missing("a fresh connection was not served afterwards")
		case seen.Class != http1.OK:
			return seen.Trial.Broken("a plain request on a fresh connection was not answered any more as it was before")
		}
		return nil
	}))
}

// whole asks a shape in one segment.
func (a *Asker) whole(h Shape, q service.Question) (seen *service.Seen, f *finding.Finding) {
	var said string
	f = a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
		var f *finding.Finding
		if seen, f = a.Service.Ask(ctx, a.Player, q, delivery.Whole(), wait); f != nil {
			return f
		}
		said = ""
		f, said = a.judged(h, seen)
		return f
	}))
	if said != "" {
		a.Say(h.Name, said)
	}
	return seen, f
}

// Say keeps what is to be said of a shape, until all are asked.
func (a *Asker) Say(name, said string) {
	if i := slices.IndexFunc(a.said, func(r remark) bool { return r.said == said }); i >= 0 {
		a.said[i].names = append(a.said[i].names, name)
		return
	}
	a.said = append(a.said, remark{said, []string{name}})
}

// A remark is what is said of some shapes.
type remark struct {
	said  string
	names []string
}

// mostNamed is of how many shapes a remark is made by name.
const mostNamed = 6

// remarks says what is to be said, once for all shapes of which it is.
func (a *Asker) remarks() {
	for _, r := range a.said {
		names := strings.Join(r.names[:min(len(r.names), mostNamed)], " · ")
		if more := len(r.names) - mostNamed; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		a.Observe("%s: %s", r.said, names)
	}
	a.said = nil
}

// judged is what a shape's answers come to: a finding, or what is to be said of them.
func (a *Asker) judged(h Shape, seen *service.Seen) (f *finding.Finding, said string) {
	j, said := h.Want.of(seen)
	if j < warns && h.Look != nil {
		if problem, g := h.Look(a.Service, seen); problem != "" {
			if g == finding.ByLevel { // which is to be said alone
				return nil, problem
			}
			return a.Found(h, seen, problem, g), ""
		}
	}
	switch j {
	case passes:
		return nil, ""
	case informs:
		return nil, said
	case warns:
		return a.Found(h, seen, said, finding.Warns), ""
	}
	return a.Found(h, seen, said, finding.Fails), ""
}

// Smuggling begins a problem by which a message ends elsewhere than another reader has it.
const Smuggling = "request smuggling: "

// Found is the finding that a shape was answered wrongly: what parted says, and the problem where it says more than how the message was read.
// What may still come is asked for again.
func (a *Asker) Found(h Shape, seen *service.Seen, problem string, g finding.Grade) *finding.Finding {
	if parted := seen.Parted(); parted != "" && !h.Unparted {
		if more := own(seen, strings.TrimPrefix(problem, Smuggling)); more != "" {
			parted += "; " + more
		}
		problem = Smuggling + parted
	}
	problem = fmt.Sprintf("%s: %s", h.Name, problem)
	f := seen.Trial.Broken(problem)
	if h.Want.late(seen) {
		if f = seen.Trial.Missing(problem); seen.Again {
			a.Service.Silent()
		}
	}
	f.Grade = g
	f.Evidence.Pattern = h.Want.expected()
	if !seen.Trial.Answer.TimedOut && !seen.Closed { // enough was heard
		f.Evidence.Ending = ""
	}
	return f
}

// own is what a problem says beside how the message was read.
func own(seen *service.Seen, problem string) string {
	read := "the server " + seen.Reading.String()
	if problem == read || problem == fmt.Sprintf("%s (%s)", read, seen.Status()) {
		return ""
	}
	return problem
}

// Framed says whether a plain request is answered however it is cut. Where it is not, that is FRAM's failure, and not that of each requirement
// whose messages are cut: they are sent whole.
func (a *Asker) Framed() bool {
	framed := a.Service.Framed(func() bool {
		for _, m := range []http1.Message{a.Service.Get(a.Service.Path), a.Service.PostOf(a.Service.Post, "hello")} {
			plain := &a.Service.Control.Get
			if bytes.HasPrefix(m.Bytes, []byte("POST")) {
				plain = &a.Service.Control.Post
			}
			q := service.Question{Message: m, Plain: plain}
			for at := 1; at < len(m.Bytes); at++ {
				if f := a.Confirm(a.Ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
					seen, f := a.Service.Ask(ctx, a.Player, q, delivery.CutAt(at), wait)
					switch {
					case f != nil:
						return f
					case seen.Class == http1.OK:
						return nil
					case seen.Finished:
						return seen.Trial.Missing("a plain request was not answered as it is in one segment")
					}
					return seen.Trial.Broken("a plain request was answered otherwise than in one segment")
				}); f.Fact() {
					return false
				}
			}
		}
		return true
	})
	return framed
}

// cuts asks a shape in every delivery that it has: what comes of it in one segment comes of it then.
func (a *Asker) cuts(h Shape, q service.Question, whole *service.Seen) *finding.Finding {
	plans, began := a.deliveries(q.Bytes, len(whole.Trial.Session.Request), h.Cut), time.Now()
	f := a.deliver(h, q, whole, plans)
	if f == nil && h.Pairs {
		f = a.deliver(h, q, whole, a.pairs(len(q.Bytes), time.Since(began)/time.Duration(max(len(plans), 1))))
	}
	return f
}

// deliver asks a shape in some deliveries.
func (a *Asker) deliver(h Shape, q service.Question, whole *service.Seen, plans []delivery.Segments) *finding.Finding {
	for _, p := range plans {
		if a.LeavesOut() {
			continue
		}
		f := a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			how := p
			if whole.Finished { // it waits for more, and then the end tells it that nothing comes
				how = p.WithEnd(delivery.HalfClose)
			}
			seen, f := a.Service.Ask(ctx, a.Player, q, how, wait)
			if f != nil {
				return f
			}
			if f, _ = a.judged(h, seen); f != nil && f.Grade == finding.Fails {
				return f
			}
			if differ(whole.Reading, seen.Reading) && whole.Finished { // it may have been slow, and not have waited for more
				again, f := a.Service.Ask(ctx, a.Player, q, delivery.Whole(), a.LongWait())
				if f != nil {
					return f
				}
				whole = again
			}
			if differ(whole.Reading, seen.Reading) {
				return a.Found(h, seen, fmt.Sprintf("in one segment the server %s, but cut it %s: what it takes hangs on how the bytes come (FRAM-2)", whole.Reading, seen.Reading), finding.Fails)
			}
			return nil
		}))
		if f != nil {
			return f
		}
	}
	return nil
}

// differ says whether a server took a message in one delivery and refused it in another.
func differ(a, b service.Reading) bool {
	return taken(a) && refused(b) || refused(a) && taken(b)
}

func taken(r service.Reading) bool { return r == service.Taken || r == service.Otherwise }

func refused(r service.Reading) bool {
	switch r {
	case service.Refused, service.Kept, service.Refusing, service.Dropped, service.Waiting:
		return true
	}
	return false
}
