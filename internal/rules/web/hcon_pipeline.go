package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// A member is one of several requests on a connection.
type member struct {
	name  string
	text  string // in the notation of [http1.Target.Write]
	asked http1.Asked
	plain ask.Plain
}

var (
	getP    = member{name: "GET P", text: lined("GET {P} HTTP/1.1"), plain: ask.OfGet}
	getX    = member{name: "GET X", text: lined("GET {X} HTTP/1.1"), plain: ask.OfMissing}
	headP   = member{name: "HEAD P", text: lined("HEAD {P} HTTP/1.1"), asked: byHead[0], plain: ask.OfHead}
	post    = member{name: "POST", text: posted("Content-Length: 5\n", "hello"), plain: ask.OfPost}
	chunked = member{name: "POST in chunks", text: coded("chunked"), plain: ask.OfPost}
)

// inTurn does one step after another, up to one that fails or is not done, and returns the gravest of what was found. What a server does not
// have for a step is said.
func inTurn(a *ask.Asker, steps ...func(*ask.Asker) *finding.Finding) (worst *finding.Finding) {
	for _, step := range steps {
		switch f := step(a); {
		case f.Is(finding.NotShown):
			a.Observe("in part: %s", f.Problem)
		case f != nil && (!f.Failed() || f.Grade == finding.Fails):
			return f
		case f != nil && worst == nil:
			worst = f
		}
	}
	return worst
}

// wrong is the finding that a talk shows. What may still come is asked for again.
func wrong(t *service.Talk, g finding.Grade, expected, format string, args ...any) *finding.Finding {
	f := t.Trial.Broken(fmt.Sprintf(format, args...))
	if t.Silent {
		f = t.Trial.Missing(f.Problem)
	}
	f.Grade, f.Evidence.Pattern = g, expected
	return f
}

// pipelined sends requests without waiting for answers.
func pipelined(a *ask.Asker) *finding.Finding {
	return inTurn(a, (*ask.Asker).Pulse, func(a *ask.Asker) *finding.Finding {
		return inPipeline(a, "a pipeline of two", true, getP, getX)
	}, func(a *ask.Asker) *finding.Finding {
		return inPipeline(a, "a pipeline of three", false, getX, getP, getP)
	}, func(a *ask.Asker) *finding.Finding {
		var many []member
		for i := range 20 {
			many = append(many, [...]member{getP, getX}[0b1101_0010_1110_0100_0110>>i&1]) // which is another one backwards
		}
		return inPipeline(a, "a pipeline of twenty", false, many...)
	}, func(a *ask.Asker) *finding.Finding {
		if ask.Posts.Why(a.Service) != "" { // and the others would not be asked
			return inPipeline(a, "HEAD P, GET X, HEAD P, GET P", true, headP, getX, headP, getP)
		}
		return inPipeline(a, "HEAD P, POST, GET X, POST in chunks, HEAD P, GET P", true, headP, post, getX, chunked, headP, getP)
	}, notHeldBack, beforeMalformed)
}

// inPipeline sends these requests in one segment, and where it is to be cut, in two, cut at every byte.
func inPipeline(a *ask.Asker, name string, cut bool, members ...member) *finding.Finding {
	var text strings.Builder
	var asked []http1.Asked
	for _, m := range members {
		text.WriteString(m.text)
		asked = append(asked, m.asked)
	}
	b := a.Service.Write(text.String())
	said := ""
	try := func(how delivery.Segments) *finding.Finding {
		return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			t, f := a.Service.Talk(ctx, a.Player, name, asked, wait, service.Part{Send: b, How: how, Final: len(members)})
			if f == nil {
				f, said = inOrder(a, t, name, members)
			}
			return f
		}))
	}
	f := try(delivery.Whole())
	if said != "" {
		a.Say(name, said)
	}
	for at := 1; f == nil && cut && at < len(b) && a.Framed(); at++ {
		if !a.LeavesOut() {
			f = try(delivery.CutAt(at))
		}
	}
	return f
}

// inOrder finds what is wrong with the answers to a pipeline, or says what is to be said of them.
func inOrder(a *ask.Asker, t *service.Talk, name string, members []member) (f *finding.Finding, said string) {
	expected := fmt.Sprintf("%d answers, in the order of the requests", len(members))
	n := len(t.Finals)
	for i, one := range t.Finals[:min(n, len(members))] {
		if m := members[i]; !m.plain.Of(a.Service).Is(one) {
			return wrong(t, finding.Fails, expected, "%s: answer %d (%d) is not the one to request %d (%s)", name, i+1, one.Status, i+1, m.name), ""
		}
	}
	switch {
	case n > len(members) || t.Rest != nil && t.Rest.Flawed(http1.NoStatusLine) != nil:
		return wrong(t, finding.Fails, expected, "%s: more came than %d answers", name, n), ""
	case n == len(members):
		return nil, ""
	case t.Closed && n > 0 && t.Finals[n-1].Has("Connection", "close"):
		return nil, fmt.Sprintf("the server ended the connection behind answer %d, which says so", n)
	case t.Closed:
		return wrong(t, finding.Warns, expected, "%s: the server answered %d of %d requests, and ended the connection", name, n, len(members)), ""
	}
	return wrong(t, finding.Fails, expected, "%s: the server answered %d of %d requests, and left the connection open", name, n, len(members)), ""
}

// mostCutAlone is up to how many bytes a message is cut at each where nothing follows it.
const mostCutAlone = 1 << 10

// notHeldBack sends what is valid by all tables alone, whole and cut at every byte: it is answered, and not when more comes.
func notHeldBack(a *ask.Asker) *finding.Finding {
	shapes := []ask.Shape{{Name: getP.name, Text: getP.text}, {Name: getX.name, Text: getX.text}, {Name: headP.name, Text: headP.text, Asked: byHead}, {Name: post.name, Text: post.text}, {Name: chunked.name, Text: chunked.text}}
	for _, rules := range [][]ask.Rule{hreq, hfld, hlen, hchk} {
		for _, r := range rules {
			for _, h := range r.Shapes {
				if h.Want.Valid() && (r.Lacks|h.Lacks).Why(a.Service) == "" {
					shapes = append(shapes, h)
				}
			}
		}
	}
	for _, h := range shapes {
		h.Alone = true
		q := h.Question(a.Service)
		f := held(a, h, q, delivery.Whole())
		for at := 1; f == nil && !h.Whole && at < len(q.Bytes) && len(q.Bytes) <= mostCutAlone && a.Framed(); at++ {
			if !a.LeavesOut() {
				f = held(a, h, q, delivery.CutAt(at))
			}
		}
		if f != nil {
			return f
		}
	}
	return nil
}

// held finds that a message is answered only when more comes, or the end of the stream: what is not answered then either, is for the
// requirement that the message is of.
func held(a *ask.Asker, h ask.Shape, q service.Question, how delivery.Segments) *finding.Finding {
	return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
		seen, f := a.Service.Ask(ctx, a.Player, q, how, wait)
		if f != nil || !seen.Finished {
			return f
		}
		q := q
		q.Alone = false
		followed, f := a.Service.Ask(ctx, a.Player, q, how, wait)
		if f != nil || followed.Reading == service.Waiting || followed.Reading == service.Swallowed {
			return f
		}
		h.Want = ask.Take()
		return a.Found(h, seen, "alone, and whole, it is not answered: the server waits for what comes behind it, or the end of the stream", finding.Fails)
	}))
}

// beforeMalformed sends two good requests and one that is refused. Where all come in one segment, the answers to the two may be lost.
func beforeMalformed(a *ask.Asker) *finding.Finding {
	for _, bad := range []ask.Shape{
		{Name: "one without a colon in a field line", Text: fielded("X Y")},
		{Name: "one of no version", Text: lined("GET {P} HTTP/x")},
		{Name: "one of no method", Text: lined("G@T {P} HTTP/1.1")},
	} {
		var alone *service.Seen
		f := a.Confirm(a.Ctx, func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
			alone, f = a.Service.Ask(ctx, a.Player, bad.Question(a.Service), delivery.Whole(), wait)
			return f
		})
		if f != nil {
			return f
		}
		if alone.Reading != service.Refused {
			continue
		}
		name := "GET P, GET X and " + bad.Name
		b := a.Service.Write(getP.text + getX.text + bad.Text)
		return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			t, f := a.Service.Talk(ctx, a.Player, name, nil, wait, service.Part{Send: b, Final: 3})
			if f != nil || len(t.Finals) > 2 || len(t.Finals) == 2 && t.Closed {
				for i, m := range []member{getP, getX} {
					if f == nil && !m.plain.Of(a.Service).Is(t.Finals[i]) {
						return wrong(t, finding.Warns, "the answers to the two, and a refusal", "%s: answer %d (%d) is not the one to request %d", name, i+1, t.Finals[i].Status, i+1)
					}
				}
				return f
			}
			return wrong(t, finding.Warns, "the answers to the two, and a refusal", "%s, in one segment: only %d of them came, and the answers to good requests are lost", name, len(t.Finals))
		}))
	}
	return finding.NewNotShown("none of the malformed requests that are tried is refused with the connection ended: what becomes of answers before one does not show")
}
