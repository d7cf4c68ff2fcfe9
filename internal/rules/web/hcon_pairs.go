package web

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// learnt is that what is answered to a member is asked for, where the control does not have it.
const learnt = ask.Plain(-1)

// paired are the requests of which every pair is asked; the first is the one by which others are told to end the connection.
var paired = []member{
	getP, getX, headP, post, chunked,
	{name: "POST of nothing", text: posted("Content-Length: 0\n", ""), plain: learnt},
	{name: "POST with Expect: 100-continue", text: posted("Expect: 100-continue\nContent-Length: 5\n", "hello"), plain: learnt},
	{name: "GET with another Host", text: "GET {P} HTTP/1.1\nHost: streamspec.example\n{F}\n", plain: learnt},
	{name: "GET with fields", text: probed("X-Probe: a\nX-Streamspec: b\nCookie: c=d"), plain: learnt},
	{name: "HTTP/1.0 with keep-alive", text: "GET {P} HTTP/1.0\nHost: {H}\n{F}Connection: keep-alive\n\n", asked: byOld[0], plain: learnt},
	{name: "GET with Connection: close", text: fielded("Connection: close"), plain: learnt},
	{name: "HTTP/1.0", text: lined("GET {P} HTTP/1.0"), asked: byOld[0], plain: learnt},
}

// byThemselves asks every ordered pair on one connection, the second when the first was answered. Where it ends behind the first one, as it does
// before a plain GET, there is no second.
func byThemselves(a *ask.Asker) *finding.Finding {
	if f := a.Pulse(); f != nil {
		return f
	}
	alone := make([]*http1.Known, len(paired))
	for i, m := range paired {
		var f *finding.Finding
		if alone[i], f = fresh(a, m); f != nil {
			return f
		}
	}
	shown := 0
	for i, first := range paired {
		for k, second := range paired {
			if alone[i] == nil || alone[k] == nil || a.LeavesOut() {
				continue
			}
			followed := false
			f := a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
				followed, f = behind(ctx, a, first, second, alone[k], wait)
				return f
			}))
			if f != nil {
				return f
			}
			if !followed && k == 0 {
				break
			}
			if followed {
				shown++
			}
		}
	}
	if shown == 0 {
		return finding.NewNotShown("the server ends the connection behind each of the requests")
	}
	return nil
}

// behind asks two requests, and says whether the second was followed up: what there is behind the first one may be the end.
func behind(ctx context.Context, a *ask.Asker, first, second member, alone *http1.Known, wait time.Duration) (followed bool, f *finding.Finding) {
	name := second.name + " behind " + first.name
	t, f := a.Service.Talk(ctx, a.Player, name, []http1.Asked{first.asked, second.asked}, wait,
		service.Part{Send: a.Service.Write(first.text), Final: 1}, service.Part{Send: a.Service.Write(second.text), Final: 2})
	const expected = "what the server answers on a fresh connection"
	switch {
	case f != nil:
		return false, f
	case len(t.Finals) == 0 && !t.Closed:
		return true, wrong(t, finding.Fails, expected, "%s: the first was not answered", name)
	case len(t.Finals) < 2 && t.Closed && t.Rest == nil && (second.name == getP.name || len(t.Finals) > 0 && t.Finals[0].Has("Connection", "close")):
		return false, nil
	case len(t.Finals) < 2:
		return true, wrong(t, finding.Fails, expected, "%s: it was not answered", name)
	case !alone.Is(t.Finals[1]):
		return true, wrong(t, finding.Fails, expected, "%s: it was answered otherwise (%d) than on a fresh connection (%d)", name, t.Finals[1].Status, alone.Status)
	case len(t.Finals) > 2:
		return true, wrong(t, finding.Fails, expected, "%s: there were more answers than two", name)
	}
	return true, nil
}

// fresh is what a member gets on a connection of its own; nil where that is nothing, or changes.
func fresh(a *ask.Asker, m member) (*http1.Known, *finding.Finding) {
	if m.plain != learnt {
		return m.plain.Of(a.Service), nil
	}
	const asked = 3 // what is not the same each time varies
	var answers []*http1.Answer
	for range asked {
		f := a.Confirm(a.Ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
			q := service.Question{Message: http1.Message{Name: m.name, Bytes: a.Service.Write(m.text), Asked: []http1.Asked{m.asked}}, Alone: true}
			seen, f := a.Service.Ask(ctx, a.Player, q, delivery.Whole(), wait)
			if f == nil && seen.First != nil {
				answers = append(answers, seen.First)
			}
			return f
		})
		if f != nil {
			return nil, f
		}
	}
	if known, same := http1.Learn(answers); same && len(answers) == asked {
		return &known, nil
	}
	return nil, nil
}
