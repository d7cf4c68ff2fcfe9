package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// stopped are the readings of what was answered, and the connection ended.
var stopped = []service.Reading{service.Stopped, service.Left, service.Refused}

// saysClose fails a server that ends the connection behind each of three answers, none of which says so. Where it ends every connection, each kind of
// answer is asked for.
func saysClose(a *ask.Asker) *finding.Finding {
	if f := a.Pulse(); f != nil {
		return f
	}
	kinds := []ask.Member{getP}
	if a.Service.Closes {
		kinds = append(kinds, headP, getX, postQ)
	}
	for _, m := range kinds {
		f := a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			h := ask.Shape{Name: m.Name, Text: m.Text, Asked: []http1.Asked{m.Asked}, Plain: m.Plain, Want: ask.Want{Info: []service.Reading{service.Taken}}}
			var seen *service.Seen
			for range 3 {
				var f *finding.Finding
				if seen, f = a.Service.Ask(ctx, a.Player, h.Question(a.Service), delivery.Whole(), wait); f != nil {
					return f
				}
				if seen.First == nil && seen.Finished {
					return a.Found(h, seen, "the server did not answer it", finding.Fails)
				}
				if !slices.Contains(stopped, seen.Reading) || seen.First.Has("Connection", "close") {
					return nil
				}
			}
			return a.Found(h, seen, "the server ended the connection behind each of three answers, and none said close", finding.Fails)
		}))
		if f != nil {
			return f
		}
	}
	return nil
}

// halfClosed has the client end its stream with a request, right behind it, and later.
func halfClosed(a *ask.Asker) *finding.Finding {
	if f := a.Pulse(); f != nil {
		return f
	}
	get := a.Service.Get(a.Service.Path)
	h := ask.Shape{Name: "GET, and FIN with it", Text: getP.Text, Alone: true, Want: ask.Want{Pass: []service.Reading{service.Stopped, service.Alone}}}
	end := func(how delivery.ClientEnd) *finding.Finding {
		return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			seen, f := a.Service.Ask(ctx, a.Player, h.Question(a.Service), delivery.Whole().WithEnd(how), wait)
			switch {
			case f != nil || seen.Class == http1.OK:
				return f
			case seen.First != nil:
				return a.Found(h, seen, fmt.Sprintf("the server answered it otherwise (%s)", seen.Status()), finding.Fails)
			}
			return a.Found(h, seen, "the server did not answer it", finding.Fails)
		}))
	}
	f := end(delivery.HalfCloseWithData)
	if f == nil {
		h.Name = "GET, and FIN right behind it"
		f = end(delivery.HalfClose)
	}
	if !f.Fact() || f.Evidence.Actual.Total > 0 {
		return f
	}
	later := a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
		t, f := a.Service.Talk(ctx, a.Player, get.Name, get.Asked, wait, service.Part{Send: get.Bytes, Final: 1, Wait: patience.Parting},
			service.Part{How: delivery.Whole().WithEnd(delivery.HalfClose), Final: 1})
		if f == nil && len(t.Finals) == 0 {
			return ask.Wrong(t, finding.Fails, "the answer", "GET, and FIN %s behind it: the server did not answer it", patience.Text(patience.Parting))
		}
		return f
	}))
	if later == nil {
		f.Grade = finding.Warns
		f.Problem += fmt.Sprintf(", and does where FIN comes %s later", patience.Text(patience.Parting))
		return f
	}
	return later
}

// mostSent is how much is sent to what does not exist.
const mostSent = 2 << 20

// readableRefusal sends much to what does not exist: the answer arrives whole, and no reset with it, which destroys what a client has not read
// that sends before it reads.
func readableRefusal(a *ask.Asker) *finding.Finding {
	if f := a.Pulse(); f != nil {
		return f
	}
	h := ask.Shape{Name: "POST X of 2 MiB", Plain: ask.OfMissing, Want: ask.Want{Pass: []service.Reading{service.Refused, service.Stopped, service.Taken}}, Bytes: func(s *service.Service) []byte {
		return append(s.Write(fmt.Sprintf("POST {X} HTTP/1.1\nHost: {H}\n{F}Content-Length: %d\n\n", mostSent)), strings.Repeat("x", mostSent)...)
	}, Unparted: true}
	q := h.Question(a.Service)
	return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
		seen, f := a.Service.Ask(ctx, a.Player, q, delivery.Whole(), wait)
		switch {
		case f != nil:
			return f
		case seen.First == nil && seen.Reset:
			return a.Found(h, seen, "the server reset the connection, and no answer came whole", finding.Warns)
		case seen.First == nil && seen.Closed:
			return a.Found(h, seen, "the server ended the connection, and no answer came whole", finding.Warns)
		case seen.First == nil:
			return a.Found(h, seen, "no answer came", finding.Fails)
		case seen.Reset && seen.Next == nil:
			return a.Found(h, seen, fmt.Sprintf("the server answered it (%s), and reset the connection: a client that sends before it reads sees the reset, and perhaps no answer", seen.Status()), finding.Warns)
		}
		return nil
	}))
}

// malformed are the requirements whose messages are no HTTP messages by their grammar, and those by which the framing itself is at fault.
var malformed = []string{"HREQ-8", "HREQ-9", "HREQ-10", "HREQ-11", "HREQ-13", "HREQ-15", "HREQ-16", "HREQ-17", "HFLD-5", "HFLD-6", "HFLD-7", "HFLD-8", "HFLD-9", "HFLD-12"}
var unframed = []string{"HLEN-3", "HLEN-4", "HLEN-10"}

// inGrammar are the messages of those tables that are formed as the grammar of RFC 9112, section 3.2, has it, though their method does
// not go with their target: a server that refuses them knows where they end, and may go on.
var inGrammar = []string{"OPTIONS *", "GET *", "GET localhost:80"}

// closedBehindRefusal sends the malformed messages of all tables with a request behind each: where one is refused with 400, the connection ends.
func closedBehindRefusal(a *ask.Asker) *finding.Finding {
	refused := 0
	rule := ask.Rule{Requirement: "HCON-17", Shapes: []ask.Shape{{Name: getP.Name, Text: getP.Text, Want: ask.Take(), Whole: true}}}
	for _, r := range slices.Concat(hreq(), hfld(), hlen()) {
		g := finding.Warns
		if slices.Contains(unframed, r.Requirement) {
			g = finding.Fails
		} else if !slices.Contains(malformed, r.Requirement) {
			continue
		}
		for _, h := range r.Shapes {
			if slices.Contains(inGrammar, h.Name) {
				continue
			}
			h.Lacks, h.Whole, h.Want = h.Lacks|r.Lacks, true, ask.Want{Pass: service.Readings()}
			h.Look = func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
				if seen.Class != http1.Refused || seen.First.Status != 400 {
					return "", finding.ByLevel
				}
				refused++
				if seen.Reading == service.Refused {
					return "", finding.ByLevel
				}
				return "the server " + seen.Reading.String() + " (400)", g
			}
			rule.Shapes = append(rule.Shapes, h)
		}
	}
	f := rule.Show(a.Ctx, a.Bench, a.Service)
	if f == nil && refused == 0 {
		return finding.NewNotShown("the server refuses none of the malformed messages with 400")
	}
	return f
}
