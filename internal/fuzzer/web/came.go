// Package web plays requests of HTTP/1.1 to a server that are drawn from a grammar, valid ones and nearly valid ones, and finds what it must not
// make of them; or gives the same to two servers, and finds what they frame otherwise. What is found is made as small as it still shows.
package web

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/grammar"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// A came is what a server made of a stream.
type came struct {
	way grammar.Way // none where it is none that there is
	// requests is how many it answered as requests, refusals of the last left out; what follows the stream is not among them.
	requests int
	next     bool    // what follows was answered
	refused  bool    // the last message, or what is behind an answer to it
	content  *string // what the server took for the body of the last message, where it repeats that
	seen     *service.Seen
	wire     grammar.Wire
}

// unreadable says whether the server has answered with what is no HTTP/1.1.
func unreadable(o http1.Outcome) bool {
	return o.Part != nil && (o.Part.Flawed(http1.NoStatusLine) != nil || o.Part.Flawed(http1.BadStatusLine) != nil)
}

// sorted is what the answers to a stream show.
func sorted(s *service.Service, w grammar.Wire, seen *service.Seen) came {
	var finals []*http1.Answer
	if seen.First != nil {
		finals = slices.Concat([]*http1.Answer{seen.First}, seen.Others)
	}
	k, n := len(finals), w.Before+1
	c := came{requests: k, next: seen.Next != nil, seen: seen, wire: w}
	ended := !seen.Finished // by the server, or it would have been told that nothing more comes
	if k >= n {
		c.refused = refuses(s, w.Of, finals[n-1])
		if a := finals[n-1]; s.Echoes && w.Of == grammar.OfPost && a.Status == s.Control.Post.Status {
			content := strings.ReplaceAll(string(a.Content), s.Host, "{H}") // which is another's beside another server
			c.content = &content
		}
	}
	late := k == n+1 && w.Requests == n && !c.refused && refuses(s, grammar.OfMissing, finals[n]) && !c.next
	early := k > 0 && k < n && refuses(s, grammar.OfMissing, finals[k-1]) // it refused the last at once, and lost what is owed to those before
	switch {
	case unreadable(seen.Outcome) && k == n-1:
		c.way, c.refused = grammar.Bare, true
	case unreadable(seen.Outcome):
	case c.next && k == w.Requests && c.refused:
		c.way = grammar.Keep
	case c.next && k == w.Requests:
		c.way = grammar.Take
	case c.next:
	case late:
		c.way, c.refused, c.requests = grammar.Late, w.Ways.Has(grammar.Late), n
	case k > w.Requests:
	case k >= n && c.refused && seen.Finished:
		c.way = grammar.Refuse | grammar.Wait
	case k >= n && c.refused, k == n-1 && ended, early:
		c.way, c.refused = grammar.Refuse, true
	case k < n-1:
	case k == n && w.Closes:
		c.way = grammar.Take
	case k >= n && ended:
		c.way = grammar.End
	default:
		c.way = grammar.Wait
	}
	if c.refused {
		c.requests = min(c.requests, n-1)
	}
	return c
}

// refuses says whether an answer refuses what a plain request is not refused for.
func refuses(s *service.Service, of grammar.Answer, a *http1.Answer) bool {
	if a.Status < 400 {
		return false
	}
	switch of {
	case grammar.OfGet:
		return s.Control.Get.Class(a) == http1.Refused
	case grammar.OfQuery:
		return a.Status != s.Next.Status
	case grammar.OfHead:
		return s.Control.Head.Class(a) == http1.Refused
	case grammar.OfPost:
		if s.Control.Post.Status >= 400 {
			return s.Control.Post.Class(a) == http1.Refused
		}
		return true
	case grammar.OfMissing:
		return a.Status != s.Control.Missing.Status
	}
	return a.Status != 404 && a.Status != 405 && a.Status != s.Control.Unknown.Status
}

// allowed are the ways that a server may go with a stream, by what it does to any.
func allowed(s *service.Service, w grammar.Wire) grammar.Way {
	ways := w.Ways
	if ways.Has(grammar.Take) && (s.Closes || s.EndsPosts && bytes.Contains(w.Bytes, []byte("POST "))) {
		ways |= grammar.End
	}
	if w.Requests > w.Before+1 && !s.Pipelines { // it does not see the second that came with the first
		ways |= grammar.Wait
	}
	return ways
}

// waited says whether the server was to say more, and had to be told that nothing more comes.
func (c came) waited() bool { return c.seen.Finished }

// end is where the last message ends, as the RFC has it.
func (c came) end() int { return c.wire.Ends[c.wire.Before] }

// moved says where the server ended the last message where that is not where it ends, in words; "" where that does not show.
func (c came) moved() string {
	where := fmt.Sprintf("by the RFC the last message ends behind byte %d of %d", c.end(), len(c.wire.Bytes))
	switch {
	case c.way != 0 && c.way != grammar.Wait && c.way != grammar.Late || unreadable(c.seen.Outcome):
		return ""
	case c.way == grammar.Late:
		return where + "; the server ended it before that, and refused the rest"
	case c.way == grammar.Wait && c.requests == c.wire.Before:
		return where + "; the server sees no end in all that was sent"
	case c.requests > c.wire.Requests && c.wire.Hides > 0:
		return fmt.Sprintf("%s; the server ended it behind byte %d, and answered the rest as a request", where, c.wire.Hides)
	case c.requests > c.wire.Requests:
		return where + "; the server ended it before that, and took the rest for a request"
	case c.way == grammar.Wait && c.requests == c.wire.Before+1:
		return where + "; the server took what follows it for a part of it"
	case c.next && c.requests < c.wire.Requests && c.wire.Requests > c.wire.Before+1:
		return fmt.Sprintf("%s; the server ended it behind byte %d, and took the request between for a part of it", where, len(c.wire.Bytes))
	}
	return ""
}

// words say what the server did with the last message.
func (c came) words() string {
	words := c.way.String()
	n := c.wire.Before + 1
	switch {
	case c.way == grammar.Refuse|grammar.Wait:
		words = "refuses it, and leaves the connection open"
	case unreadable(c.seen.Outcome) && c.way == 0:
		words = "answers with what is no HTTP/1.1"
	case c.way == 0 && c.refused:
		words = "refuses it, and then answers what is behind that"
	case c.way == 0 && c.requests > c.wire.Requests:
		words = "answers a part of it as a request"
	case c.way == 0 && c.requests < n:
		words = fmt.Sprintf("answers %d of %d requests", c.requests, n)
	case c.way == 0:
		words = "answers it, and takes for a part of it what is a request"
	case c.way == grammar.Take && c.wire.Closes:
		words = "answers it"
	}
	if statuses := c.seen.Statuses(); statuses != "" {
		words += " (" + statuses + ")"
	}
	return words
}
