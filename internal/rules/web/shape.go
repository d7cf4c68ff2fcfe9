// Package web shows the requirements on HTTP/1.1: a file for each family, with a table of the messages by which each requirement is shown,
// and of what may come of them.
package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// A Rule is how one requirement is shown.
type Rule struct {
	Requirement string
	Lacks       lack // what of a server makes it not applicable
	Shapes      []shape
	// Also shows what no shape can.
	Also func(*asker) *finding.Finding
}

// A shape is a message, and what may come of it.
type shape struct {
	name string
	// text is in the notation of [http1.Target.Write]; one whose length matters is made by bytes.
	text  string
	bytes func(*service.Service) []byte
	asked []http1.Asked // its requests, where they are not one GET
	ends  bool          // its request itself ends the connection: nothing is sent behind it
	alone bool          // nothing is sent behind it for another reason
	plain plain         // what its first request gets where all is well
	lacks lack          // what of a server makes this one not applicable
	want  want
	// look looks closer at what passed; it returns what is wrong in words, and how that counts.
	look func(*service.Service, *service.Seen) (problem string, g finding.Grade)
	// whole says that it is not cut: it is large, or what is asked is no matter of bytes.
	whole bool
}

// plain names an answer of the control.
type plain int

const (
	ofGet plain = iota
	ofHead
	ofPost
	ofMissing
	ofUnknown
	ofTold
	ofBody // by POST of any body
)

func (p plain) of(s *service.Service) *http1.Known {
	return [...]*http1.Known{&s.Control.Get, &s.Control.Head, &s.Control.Post, &s.Control.Missing, &s.Control.Unknown, &s.Told, ofAnyBody(s)}[p]
}

// A lack is a set of what a server does not have, or does.
type lack uint

const (
	echo    lack = 1 << iota // it does not repeat a body
	tell                     // it does not repeat what it understood of its request
	routes                   // it answers unknown methods as it answers GET
	persist                  // it ends the connection behind every answer
	modern                   // it speaks HTTP/1.0
	tag                      // it gives no ETag
	posts                    // it ends the connection behind its answer to a POST
)

// why says what the server lacks of l; "" where nothing.
func (l lack) why(s *service.Service) string {
	for _, one := range []struct {
		lack lack
		is   bool
		why  string
	}{
		{echo, !s.Echoes, "the server does not repeat the body of a POST (--post-path names what does)"},
		{tell, s.Tells == "", "the server does not repeat the fields of its request (--echo-path names what does)"},
		{routes, !s.Routes, "the server answers a method that it does not know as it answers GET: methods are a matter of its application"},
		{persist, s.Closes, "the server ends the connection behind every answer: where it takes a message to end does not show"},
		{modern, s.Old, "the server speaks HTTP/1.0"},
		{tag, s.ETag == "", "the server gives no ETag"},
		{posts, s.EndsPosts, "the server ends the connection behind its answer to a POST: where it takes its body to end does not show (--post-path names what does not)"},
	} {
		if l&one.lack != 0 && one.is {
			return one.why
		}
	}
	return ""
}

// question is the shape as it is asked of a service.
func (h shape) question(s *service.Service) service.Question {
	if h.plain == ofTold && s.Tells == "" { // it is P that is asked then
		h.plain = ofGet
	}
	q := service.Question{Plain: h.plain.of(s), Alone: h.alone}
	q.Name, q.Asked, q.Ends = h.name, h.asked, h.ends
	if h.bytes != nil {
		q.Bytes = h.bytes(s)
	} else {
		q.Bytes = s.Write(h.text)
	}
	if len(q.Asked) == 0 {
		q.Asked = []http1.Asked{{}}
	}
	return q
}

// A want is what may come of a message: what is not named fails.
type want struct {
	pass, info, warn []service.Reading
	// statuses are those that a refusal is to have, as "400", "4xx"; any where there are none. Others are warned of, or noted.
	statuses []string
	noted    bool // a refusal with another status is noted, and no warning
	// words say what is wanted.
	words string
}

// The readings by what they share.
var (
	refusals = []service.Reading{service.Refused, service.Kept, service.Refusing}
	answers  = []service.Reading{service.Taken, service.Otherwise, service.Stopped, service.Left, service.Alone}
)

// refuse wants a refusal with one of these statuses; whether the connection ends is no matter. One that ends without an answer is warned of.
func refuse(statuses ...string) want {
	return want{pass: refusals, warn: []service.Reading{service.Dropped}, statuses: statuses, words: refusal(statuses)}
}

// refuseAndEnd wants a refusal behind which the connection ends.
func refuseAndEnd(statuses ...string) want {
	return want{pass: []service.Reading{service.Refused}, warn: []service.Reading{service.Dropped}, statuses: statuses, words: refusal(statuses) + ", behind which the connection ends"}
}

// better wants a refusal, or the end of the connection, and warns of any answer that leaves the message its end.
func better() want {
	return want{pass: slices.Concat(refusals, []service.Reading{service.Dropped}), warn: answers, words: "a refusal, or the end of the connection"}
}

// take wants the answer of a plain request, and of what follows.
func take() want {
	return want{pass: []service.Reading{service.Taken, service.Alone}, words: "the answer of a plain request, and then that of what follows it"}
}

// rather is take that a refusal is warned of.
func rather() want {
	w := take()
	w.warn = slices.Concat(refusals, []service.Reading{service.Dropped})
	return w
}

// either takes an answer and a refusal, and says which it was.
func either() want {
	return want{info: slices.Concat(answers, refusals, []service.Reading{service.Dropped}), words: "the answer of a plain request, or a refusal"}
}

// refusal is one with these statuses, in words.
func refusal(statuses []string) string {
	if len(statuses) == 0 {
		return "a refusal"
	}
	return "a refusal with " + strings.Join(statuses, " or ")
}

// or lets more pass.
func (w want) or(more ...service.Reading) want {
	w.pass = slices.Concat(w.pass, more)
	return w.saying(more)
}

// noting lets more pass, and says that it was so.
func (w want) noting(more ...service.Reading) want {
	w.info = slices.Concat(w.info, more)
	return w.saying(more)
}

// saying has the words say what else is right.
func (w want) saying(more []service.Reading) want {
	for _, r := range more {
		if w.words != "" {
			w.words += "; or "
		}
		w.words += "that the server " + r.String()
	}
	return w
}

// expected says what is wanted, in words.
func (w want) expected() string {
	if w.words == "" {
		w = w.saying(slices.Concat(w.pass, w.info))
	}
	return w.words
}

// warning warns of more.
func (w want) warning(more ...service.Reading) want {
	w.warn = slices.Concat(w.warn, more)
	return w
}

// A judgement is how a reading counts.
type judgement int

const (
	passes judgement = iota
	informs
	warns
	fails
)

// of judges what was seen, and says what is wrong with it, or what is to be said.
func (w want) of(s *service.Seen) (j judgement, said string) {
	words := s.Reading.String()
	if st := s.Status(); st != "" {
		words += " (" + st + ")"
	}
	switch r := s.Reading; {
	case slices.Contains(w.pass, r):
		if slices.Contains(refusals, r) && !w.status(s.Status()) {
			words = fmt.Sprintf("the server refused it, but with %s, not with %s", s.Status(), strings.Join(w.statuses, " or "))
			if w.noted {
				return informs, words
			}
			return warns, words
		}
		return passes, ""
	case slices.Contains(w.info, r):
		return informs, "the server " + words
	case slices.Contains(w.warn, r):
		return warns, "the server " + words
	}
	return fails, "the server " + words
}

// status says whether a status is one of those that are wanted.
func (w want) status(s string) bool {
	return len(w.statuses) == 0 || slices.ContainsFunc(w.statuses, func(one string) bool {
		return one == s || len(s) == 3 && strings.HasSuffix(one, "xx") && one[0] == s[0]
	})
}
