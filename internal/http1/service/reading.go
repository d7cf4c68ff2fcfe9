package service

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/streamspec/streamspec/internal/http1"
)

// A Reading is how a server took a message, as its answers show it.
type Reading int

// The readings. Behind a message in one piece comes a request whose own answer tells where the server believes that the message ended.
const (
	Taken     Reading = iota // answered as plain ones are, and what follows was answered
	Kept                     // refused, and what follows was answered
	Otherwise                // answered otherwise, and what follows was answered
	Refused                  // refused, and the connection ended
	Dropped                  // the connection ended without an answer
	Waiting                  // no answer: the server waits for more
	Stopped                  // answered as plain ones are, and the connection ended
	Left                     // answered otherwise, and the connection ended
	Swallowed                // answered, and what follows was not, though the connection was open
	Refusing                 // refused, and neither was what follows answered nor the connection ended
	More                     // more was answered than was asked
	Garbled                  // what came is no HTTP/1.1
	Alone                    // answered as plain ones are, and nothing followed
	readings
)

// Readings are all of them.
func Readings() (all []Reading) {
	for r := range readings {
		all = append(all, r)
	}
	return all
}

// String says it in words, as what the server did.
func (r Reading) String() string {
	return [...]string{
		Taken: "answered it as it answers a plain request, and answered what followed", Kept: "refused it, and answered what followed",
		Otherwise: "answered it otherwise than a plain request, and answered what followed", Refused: "refused it, and ended the connection",
		Dropped: "ended the connection without an answer", Waiting: "waited for more",
		Stopped: "answered it as it answers a plain request, and ended the connection", Left: "answered it otherwise than a plain request, and ended the connection",
		Swallowed: "answered it, and never answered what followed, which it took for a part of it",
		Refusing:  "refused it, and then neither ended the connection nor answered what followed",
		More:      "answered more than was asked: it took a part of the message for a request", Garbled: "answered with what is no HTTP/1.1",
		Alone: "answered it as it answers a plain request",
	}[r]
}

// read sorts what came.
func (s *Seen) read(svc *Service, q Question, r *http1.Reader) {
	plain := &svc.Control.Get
	if q.Plain != nil {
		plain = q.Plain
	}
	s.Class = plain.Class(s.First)
	asked := max(1, len(q.Asked))
	follows := !q.Alone && !q.Ends
	switch {
	case s.First == nil && s.Part != nil && (s.Part.Flawed(http1.NoStatusLine) != nil || s.Part.Flawed(http1.BadStatusLine) != nil):
		s.Reading = Garbled
	case len(s.Others) >= asked, s.First != nil && len(s.Others) == asked-1 && s.Part != nil && (s.Part.Flawed(http1.NoStatusLine) != nil || s.Part.Flawed(http1.BadStatusLine) != nil):
		s.Reading = More
	case s.First == nil && s.Closed && !s.Finished:
		s.Reading = Dropped
	case s.First == nil:
		s.Reading = Waiting
	case s.Next != nil:
		s.Reading = [...]Reading{http1.OK: Taken, http1.Refused: Kept, http1.Otherwise: Otherwise}[s.Class]
	case s.Class == http1.Refused && s.Finished && follows:
		s.Reading = Refusing
	case s.Class == http1.Refused:
		s.Reading = Refused
	case follows && s.Finished && !s.First.Has("Connection", "close"): // which is that nothing more is taken
		s.Reading = Swallowed
	case !follows && !s.Closed || !follows && s.Finished:
		s.Reading = Alone
	case s.Class == http1.OK:
		s.Reading = Stopped
	default:
		s.Reading = Left
	}
}

// Status is the first answer's, in words for a report; "" where there is none.
func (s *Seen) Status() string {
	if s.First == nil {
		return ""
	}
	return fmt.Sprint(s.First.Status)
}

// Statuses are those of all answers, in words.
func (s *Seen) Statuses() string {
	var all []string
	for _, a := range slices.Concat([]*http1.Answer{s.First}, s.Others, []*http1.Answer{s.Next}) {
		if a != nil {
			all = append(all, fmt.Sprint(a.Status))
		}
	}
	if s.Part != nil && s.Part.Status > 0 {
		all = append(all, fmt.Sprintf("%d, not whole", s.Part.Status))
	} else if s.Part != nil {
		all = append(all, "what is no HTTP/1.1")
	}
	return strings.Join(all, ", ")
}

// Parted says how two readings part about the end of the message, and what the server made of what lies between them. It is "" where that does
// not show.
func (s *Seen) Parted() string {
	n := len(s.message)
	switch became := s.became(); {
	case became != "" && s.parts != Parts{}:
		return fmt.Sprintf("%s the message ends %s, %s %s; the server %s (%s)", s.parts.Before, s.behind(s.hidden), s.parts.Behind, s.behind(n), became, s.Statuses())
	case s.Reading == More && s.hidden >= 0:
		return fmt.Sprintf("by the RFC the message ends %s; the server ended it %s, and %s (%s)", s.behind(n), s.behind(s.hidden), became, s.Statuses())
	case s.Reading == More:
		return fmt.Sprintf("by the RFC the message ends %s; the server ended it before that, and answered the rest as a request (%s)", s.behind(n), s.Statuses())
	case s.Reading == Swallowed:
		return fmt.Sprintf("by the RFC the message ends %s; the server took the request behind it for a part of it, and never answered that (%s)", s.behind(n), s.Statuses())
	}
	return ""
}

// behind is a place in the message, and the bytes before it.
func (s *Seen) behind(at int) string {
	const most = 8
	return fmt.Sprintf("behind byte %d (%s)", at, strconv.QuoteToASCII(string(s.message[max(0, at-most):at])))
}

// became is what became of the bytes from the hidden request on, in words; "" where there is none, or where that does not show.
func (s *Seen) became() string {
	if s.hidden < 0 {
		return ""
	}
	rest := len(s.message) - s.hidden
	switch s.Reading {
	case More:
		if s.Smuggled() {
			return fmt.Sprintf("answered the %d bytes from there on as a request", rest)
		}
		return fmt.Sprintf("answered a part of the %d bytes from there on as a request", rest)
	case Taken, Otherwise, Kept:
		return fmt.Sprintf("swallowed the %d bytes between the two, and answered what followed", rest)
	case Swallowed:
		return fmt.Sprintf("swallowed the %d bytes between the two, and what followed them", rest)
	case Stopped, Left:
		if bytes.Contains(s.First.Content, s.message[s.hidden:]) {
			return fmt.Sprintf("took the %d bytes between the two for content, and ended the connection", rest)
		}
		return fmt.Sprintf("dropped the %d bytes between the two, or took them for content, and ended the connection", rest)
	}
	return ""
}

// Smuggled says whether the hidden request was answered: as one for what does not exist is.
func (s *Seen) Smuggled() bool {
	return s.Reading == More && s.hidden >= 0 && slices.ContainsFunc(s.Others, func(a *http1.Answer) bool { return a.Status == s.missing })
}
