package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// A withheld request is one whose head comes first, and its body later.
type withheld struct{ name, head, body string }

// withheldBodies are requests to Q that expect 100-continue.
var withheldBodies = []withheld{
	{"POST with Expect: 100-continue", posted("Expect: 100-continue\nContent-Length: 5\n", ""), "hello"},
	{"POST in chunks with Expect: 100-continue", posted("Expect: 100-continue\nTransfer-Encoding: chunked\n", ""), helloInChunk},
	{"POST with Expect: 100-Continue", posted("Expect: 100-Continue\nContent-Length: 5\n", ""), "hello"},
}

// oneFinal wants a request that expects 100-continue to be answered once, and that what follows is; it may be refused, or answered early, and
// the connection end then.
func oneFinal() ask.Want {
	return ask.Take().Or(ask.Refusals...).Or(service.Otherwise, service.Stopped, service.Left, service.More, service.Waiting).Warning(service.Dropped)
}

// invited fails a second answer, warns of what is no answer to a plain request, and says whether 100 was sent to who had nothing more to send.
func invited(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	switch seen.Reading {
	case service.Waiting:
		return fmt.Sprintf("no final answer came to it, and %d that are interim", len(seen.Interim)), finding.Fails
	case service.More:
		return fmt.Sprintf("there was more than one final answer to it (%s)", seen.Statuses()), finding.Fails
	}
	if problem, g := plain(s, seen); problem != "" && seen.Class != http1.Refused {
		return problem, g
	}
	if len(seen.Interim) > 0 {
		return fmt.Sprintf("the server sent a %d, though nobody waited for it", seen.Interim[0].Status), finding.ByLevel
	}
	return "", finding.ByLevel
}

// eachWithheld has the head of each request be sent, and the rest when the server has answered that, or is silent for so long; judge says what is
// wrong with what came.
func eachWithheld(a *ask.Asker, all []withheld, judge func(a *ask.Asker, t *service.Talk, m withheld) *finding.Finding) *finding.Finding {
	if f := a.Pulse(); f != nil {
		return f
	}
	var steps []func(*ask.Asker) *finding.Finding
	for _, m := range all {
		steps = append(steps, func(a *ask.Asker) *finding.Finding {
			return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
				follow := a.Service.FollowUp("f").Bytes
				parts := []service.Part{{Send: a.Service.Write(m.head), Whole: 1, Wait: m.pause(a, wait)}, {Send: append(a.Service.Write(m.body), follow...), Final: 2}}
				if !a.Service.Pipelines {
					parts = []service.Part{parts[0], {Send: a.Service.Write(m.body), Final: 1}, {Send: follow, Final: 2}}
				}
				t, f := a.Service.Talk(ctx, a.Player, m.name, nil, wait, parts...)
				if f == nil {
					f = judge(a, t, m)
				}
				return f
			}))
		})
	}
	return ask.InTurn(a, steps...)
}

// pause is how long the client waits for an answer to the head; 0 is as long as answers take.
func (m withheld) pause(a *ask.Asker, wait time.Duration) time.Duration {
	if m.name == unasked && wait <= a.Patience.Answer {
		return patience.Withheld
	}
	return 0
}

// answeredAtOnce wants an answer to the head, be it 100 or final.
func answeredAtOnce(a *ask.Asker) *finding.Finding {
	return eachWithheld(a, withheldBodies, func(_ *ask.Asker, t *service.Talk, m withheld) *finding.Finding {
		const expected = "100, or a final answer, before the body is sent"
		switch {
		case t.Heard[0] > 0:
			return nil
		case len(t.Heard) == 1 && t.Closed:
			return ask.Wrong(t, finding.Warns, expected, "%s: the server ended the connection without an answer", m.name)
		}
		f := t.Trial.Missing(fmt.Sprintf("%s: the server said nothing until the body came", m.name))
		f.Grade, f.Evidence.Pattern = finding.Fails, expected
		return f
	})
}

// bodyBehind100 sends the body when 100 has come, and wants one final answer then.
func bodyBehind100(a *ask.Asker) *finding.Finding {
	return eachWithheld(a, withheldBodies, func(a *ask.Asker, t *service.Talk, m withheld) *finding.Finding {
		const expected = "one final answer behind 100, and then that to what follows"
		n := len(t.Finals)
		switch {
		case len(t.Answers) == 0 || !t.Answers[0].Interim(): // that is HCON-10 and HCON-12
			return nil
		case n == 0:
			return ask.Wrong(t, finding.Fails, expected, "%s: no final answer came behind 100", m.name)
		case n == 1 && t.Closed:
			return nil
		case n == 1:
			return ask.Wrong(t, finding.Fails, expected, "%s: behind 100 and a final answer, what followed was not answered", m.name)
		case !a.Service.Next.Is(t.Finals[1]):
			return ask.Wrong(t, finding.Fails, expected, "%s: there were two final answers to it (%d and %d)", m.name, t.Finals[0].Status, t.Finals[1].Status)
		}
		return nil
	})
}

// unasked is the name of the request whose client waits for nobody.
const unasked = "POST X, and its body later"

// aRequest is a body that is a request.
const aRequest = "GET {HIDDEN} HTTP/1.1\nHost: {H}\n{F}\n"

// bodyBehindEarly sends the body, which is a request, when the answer has come early: it is read, or the connection ends.
func bodyBehindEarly(a *ask.Asker) *finding.Finding {
	n := len(a.Service.Write(aRequest))
	to := func(lines string) string { return "POST {X} HTTP/1.1\nHost: {H}\n{F}" + lines + "\n" }
	length := fmt.Sprintf("Content-Length: %d\n", n)
	all := []withheld{
		{"POST X with Expect: 100-continue", to("Expect: 100-continue\n" + length), aRequest},
		{"POST X in chunks with Expect: 100-continue", to("Expect: 100-continue\nTransfer-Encoding: chunked\n"), fmt.Sprintf("%x\n%s\n0\n\n", n, aRequest)},
		{unasked, to(length), aRequest},
	}
	if a.Service.Old {
		all = all[2:]
	}
	return eachWithheld(a, all, func(a *ask.Asker, t *service.Talk, m withheld) *finding.Finding {
		const expected = "the answer, and then that to what follows the body, or the end of the connection"
		behind := slices.Clone(t.Finals[min(1, len(t.Finals)):])
		k := len(behind)
		next := k > 0 && a.Service.Next.Is(behind[k-1])
		if next {
			behind = behind[:k-1]
		}
		switch {
		case len(behind) == 1 && !next && t.Closed && isRefusal(a.Service, behind[0]): // which is how it ended
			return nil
		case len(behind) > 0:
			return ask.Wrong(t, finding.Fails, expected, "%s: request smuggling: by the RFC the body is %d bytes; the server ended the message behind its head, or inside of the body, and answered the rest as a request (%d)", m.name, n, behind[0].Status)
		case next, t.Closed, len(t.Finals) == 1 && t.Finals[0].Has("Connection", "close"): // and it takes in what comes
			return nil
		}
		return ask.Wrong(t, finding.Fails, expected, "%s: the server answered neither what follows the body nor ended the connection", m.name)
	})
}
