package web

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

var (
	getP    = ask.Member{Name: "GET P", Text: lined("GET {P} HTTP/1.1"), Plain: ask.OfGet}
	getX    = ask.Member{Name: "GET X", Text: lined("GET {X} HTTP/1.1"), Plain: ask.OfMissing}
	headP   = ask.Member{Name: "HEAD P", Text: lined("HEAD {P} HTTP/1.1"), Asked: byHead[0], Plain: ask.OfHead}
	postQ   = ask.Member{Name: "POST", Text: posted("Content-Length: 5\n", "hello"), Plain: ask.OfPost}
	chunksQ = ask.Member{Name: "POST in chunks", Text: coded("chunked"), Plain: ask.OfPost}
)

// pipelined sends requests without waiting for answers.
func pipelined(a *ask.Asker) *finding.Finding {
	return ask.InTurn(a, (*ask.Asker).Pulse, func(a *ask.Asker) *finding.Finding {
		return a.Pipeline("a pipeline of two", true, getP, getX)
	}, func(a *ask.Asker) *finding.Finding {
		return a.Pipeline("a pipeline of three", false, getX, getP, getP)
	}, func(a *ask.Asker) *finding.Finding {
		var many []ask.Member
		for i := range 20 {
			many = append(many, [...]ask.Member{getP, getX}[0b1101_0010_1110_0100_0110>>i&1]) // which is another one backwards
		}
		return a.Pipeline("a pipeline of twenty", false, many...)
	}, func(a *ask.Asker) *finding.Finding {
		if ask.Posts.Why(a.Service) != "" { // and the others would not be asked
			return a.Pipeline("HEAD P, GET X, HEAD P, GET P", true, headP, getX, headP, getP)
		}
		return a.Pipeline("HEAD P, POST, GET X, POST in chunks, HEAD P, GET P", true, headP, postQ, getX, chunksQ, headP, getP)
	}, notHeldBack, beforeMalformed)
}

// notHeldBack sends what is valid by all tables alone, whole and cut at every byte: it is answered, and not when more comes.
func notHeldBack(a *ask.Asker) *finding.Finding {
	rules := slices.Concat(hreq(), hfld(), hlen(), hchk())
	for _, m := range []ask.Member{getP, getX, headP, postQ, chunksQ} {
		rules = append(rules, ask.Rule{Shapes: []ask.Shape{{Name: m.Name, Text: m.Text, Asked: []http1.Asked{m.Asked}, Want: ask.Take()}}})
	}
	for _, r := range rules {
		for _, h := range r.Shapes {
			if !h.Want.Valid() || (r.Lacks|h.Lacks).Why(a.Service) != "" {
				continue
			}
			if f := a.Complete(h); f != nil {
				return f
			}
		}
	}
	return nil
}

// beforeMalformed sends two good requests and one that is refused. Where all come in one segment, the answers to the two may be lost.
func beforeMalformed(a *ask.Asker) *finding.Finding {
	for _, bad := range []ask.Shape{
		{Name: "one without a colon in a field line", Text: fielded("X Y")},
		{Name: "one of no version", Text: lined("GET {P} HTTP/x")},
		{Name: "one of no method", Text: lined("G@T {P} HTTP/1.1")},
	} {
		alone, f := a.Alone(bad)
		if f != nil {
			return f
		}
		if alone == nil || alone.Reading != service.Refused {
			continue
		}
		name := "GET P, GET X and " + bad.Name
		b := a.Service.Write(getP.Text + getX.Text + bad.Text)
		return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			t, f := a.Service.Talk(ctx, a.Player, name, nil, wait, service.Part{Send: b, Final: 3})
			if f != nil || len(t.Finals) > 2 || len(t.Finals) == 2 && t.Closed {
				for i, m := range []ask.Member{getP, getX} {
					if f == nil && !m.Plain.Of(a.Service).Is(t.Finals[i]) {
						return ask.Wrong(t, finding.Warns, "the answers to the two, and a refusal", "%s: answer %d (%d) is not the one to request %d", name, i+1, t.Finals[i].Status, i+1)
					}
				}
				return f
			}
			return ask.Wrong(t, finding.Warns, "the answers to the two, and a refusal", "%s, in one segment: of three answers %d came, and those to good requests are lost", name, len(t.Finals))
		}))
	}
	return finding.NewNotShown("none of the malformed requests that are tried is refused: what becomes of answers before one does not show")
}

// paired are the requests of which every pair is asked; the first is the one by which others are told to end the connection.
var paired = []ask.Member{
	getP, getX, headP, postQ, chunksQ,
	{Name: "POST of nothing", Text: posted("Content-Length: 0\n", ""), Plain: ask.Learnt},
	{Name: "POST with Expect: 100-continue", Text: posted("Expect: 100-continue\nContent-Length: 5\n", "hello"), Plain: ask.Learnt},
	{Name: "GET with another Host", Text: "GET {P} HTTP/1.1\nHost: streamspec.example\n{F}\n", Plain: ask.Learnt},
	{Name: "GET with fields", Text: probed("X-Probe: a\nX-Streamspec: b\nCookie: c=d"), Plain: ask.Learnt},
	{Name: "HTTP/1.0 with keep-alive", Text: "GET {P} HTTP/1.0\nHost: {H}\n{F}Connection: keep-alive\n\n", Asked: byOld[0], Plain: ask.Learnt},
	{Name: "GET with Connection: close", Text: fielded("Connection: close"), Plain: ask.Learnt},
	{Name: "HTTP/1.0", Text: lined("GET {P} HTTP/1.0"), Asked: byOld[0], Plain: ask.Learnt},
}

// byThemselves asks every pair.
func byThemselves(a *ask.Asker) *finding.Finding {
	if f := a.Pulse(); f != nil {
		return f
	}
	return a.Pairs(paired)
}
