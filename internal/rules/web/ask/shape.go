package ask

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
	Lacks       Lack // what of a server makes it not applicable
	Shapes      []Shape
	// Also shows what no shape can.
	Also func(*Asker) *finding.Finding
}

// Uncut is the rule whose shapes are asked in one segment alone.
func (r Rule) Uncut() Rule {
	r.Shapes = Uncut(r.Shapes)
	return r
}

// In is the rule whose shapes are cut in this way alone, where they are cut.
func (r Rule) In(c Cut) Rule {
	r.Shapes = slices.Clone(r.Shapes)
	for i := range r.Shapes {
		r.Shapes[i].Cut = c
	}
	return r
}

// Uncut are shapes that are asked in one segment alone.
func Uncut(shapes []Shape) []Shape {
	shapes = slices.Clone(shapes)
	for i := range shapes {
		shapes[i].Whole = true
	}
	return shapes
}

// A Shape is a message, and what may come of it.
type Shape struct {
	Name string
	// text is in the notation of [http1.Target.Write]; one whose length matters is made by bytes.
	Text  string
	Bytes func(*service.Service) []byte
	Asked []http1.Asked // its requests, where they are not one GET
	Ends  bool          // its request itself ends the connection: nothing is sent behind it
	Alone bool          // nothing is sent behind it for another reason
	Parts service.Parts // the readings of it, where it hides a request
	Plain Plain         // what its first request gets where all is well
	Lacks Lack          // what of a server makes this one not applicable
	Want  Want
	// look looks closer at what passed; it returns what is wrong in words, and how that counts.
	Look func(*service.Service, *service.Seen) (problem string, g finding.Grade)
	// Unparted says that what is answered besides tells nothing of where the message ends: the answers themselves are looked at.
	Unparted bool
	// whole says that it is not cut: it is large, or what is asked is no matter of bytes.
	Whole bool
	// Cut is how it is cut, where that is not in every way.
	Cut Cut
	// Pairs says that it is cut in three too, in every way, where it is short.
	Pairs bool
}

// A Cut is how a shape is cut, besides being asked in one segment.
type Cut int

// The cuts of a shape (R6 of the contract).
const (
	EveryWay   Cut = iota // in two, and byte by byte
	InTwo                 // at each of its bytes, or of a long one at some
	ByteByByte            // a long one is not
)

// Plain names an answer of the control.
type Plain int

// The answers of the control.
const (
	OfGet Plain = iota
	OfHead
	OfPost
	OfMissing
	OfUnknown
	OfTold
	OfBody // by POST of any body
)

// Of is that answer of a service.
func (p Plain) Of(s *service.Service) *http1.Known {
	return [...]*http1.Known{&s.Control.Get, &s.Control.Head, &s.Control.Post, &s.Control.Missing, &s.Control.Unknown, &s.Told, ofAnyBody(s)}[p]
}

// ofAnyBody is the answer to a POST of whatever body: an application may say something about that, so that its status alone tells. Where that
// is a refusal, what it says tells it from others.
func ofAnyBody(s *service.Service) *http1.Known {
	if s.Control.Post.Status >= 400 {
		return &s.Control.Post
	}
	return &http1.Known{Status: s.Control.Post.Status}
}

// A Lack is a set of what a server does not have, or does.
type Lack uint

// What a server may lack.
const (
	Echo    Lack = 1 << iota // it does not repeat a body
	Tell                     // it does not repeat what it understood of its request
	Routes                   // it answers unknown methods as it answers GET
	Persist                  // it ends the connection behind every answer
	Modern                   // it speaks HTTP/1.0
	Tag                      // it gives no ETag
	Posts                    // it ends the connection behind its answer to a POST
)

// Why says what the server lacks of l; "" where nothing.
func (l Lack) Why(s *service.Service) string {
	for _, one := range []struct {
		Lack Lack
		is   bool
		why  string
	}{
		{Echo, !s.Echoes, "the server does not repeat the body of a POST (--post-path names what does)"},
		{Tell, s.Tells == "", "the server does not repeat the fields of its request (--echo-path names what does)"},
		{Routes, !s.Routes, "the server answers a method that it does not know as it answers GET: methods are a matter of its application"},
		{Persist, s.Closes, "the server ends the connection behind every answer: where it takes a message to end does not show"},
		{Modern, s.Old, "the server speaks HTTP/1.0"},
		{Tag, s.ETag == "", "the server gives no ETag"},
		{Posts, s.EndsPosts, "the server ends the connection behind its answer to a POST: where it takes its body to end does not show (--post-path names what does not)"},
	} {
		if l&one.Lack != 0 && one.is {
			return one.why
		}
	}
	return ""
}

// Question is the shape as it is asked of a service.
func (h Shape) Question(s *service.Service) service.Question {
	if h.Plain == OfTold && s.Tells == "" { // it is P that is asked then
		h.Plain = OfGet
	}
	q := service.Question{Plain: h.Plain.Of(s), Alone: h.Alone, Parts: h.Parts}
	q.Name, q.Asked, q.Ends = h.Name, h.Asked, h.Ends
	if h.Bytes != nil {
		q.Bytes = h.Bytes(s)
	} else {
		q.Bytes = s.Write(h.Text)
	}
	if len(q.Asked) == 0 {
		q.Asked = []http1.Asked{{}}
	}
	return q
}

// Long is the bytes of a text that is made when it is asked for: whoever starts the program does not pay for what is not asked.
func Long(text func() string) func(*service.Service) []byte {
	return func(s *service.Service) []byte { return s.Write(text()) }
}

// A Want is what may come of a message: what is not named fails.
type Want struct {
	Pass, Info, Warn []service.Reading
	// statuses are those that a refusal is to have, as "400", "4xx"; any where there are none. Others are warned of, or noted.
	Statuses []string
	Noted    bool // a refusal with another status is noted, and no warning
	// words say what is wanted.
	words string
}

// The readings by what they share.
var (
	Refusals = []service.Reading{service.Refused, service.Kept, service.Refusing}
	Answers  = []service.Reading{service.Taken, service.Otherwise, service.Stopped, service.Left, service.Alone}
)

// Refuse wants a refusal with one of these statuses; whether the connection ends is no matter. One that ends without an answer is warned of.
func Refuse(statuses ...string) Want {
	return Want{Pass: Refusals, Warn: []service.Reading{service.Dropped}, Statuses: statuses, words: refusal(statuses)}
}

// RefuseAndEnd wants a refusal behind which the connection ends.
func RefuseAndEnd(statuses ...string) Want {
	return Want{Pass: []service.Reading{service.Refused}, Warn: []service.Reading{service.Dropped}, Statuses: statuses, words: refusal(statuses) + ", behind which the connection ends"}
}

// Better wants a refusal, or the end of the connection, and warns of any answer that leaves the message its end.
func Better() Want {
	return Want{Pass: slices.Concat(Refusals, []service.Reading{service.Dropped}), Warn: Answers, words: "a refusal, or the end of the connection"}
}

// Take wants the answer of a plain request, and of what follows.
func Take() Want {
	return Want{Pass: []service.Reading{service.Taken, service.Alone}, words: "the answer of a plain request, and then that of what follows it"}
}

// Rather is take that a refusal is warned of.
func Rather() Want {
	w := Take()
	w.Warn = slices.Concat(Refusals, []service.Reading{service.Dropped})
	return w
}

// Either takes an answer and a refusal, and says which it was.
func Either() Want {
	return Want{Info: slices.Concat(Answers, Refusals, []service.Reading{service.Dropped}), words: "the answer of a plain request, or a refusal"}
}

// Any takes whatever comes, and leaves it to a look at the answers whether they are as these words say. Where the message ends is another's
// matter: its shape is [Shape.Unparted].
func Any(words string) Want {
	return Want{Pass: service.Readings(), words: words}
}

// whatever says whether anything that comes passes, so that only a look at the answers can say what is wrong.
func (w Want) whatever() bool { return len(w.Pass) == len(service.Readings()) }

// late says whether what is wrong may be right where it is waited for longer. What is wrong with an answer that came is not.
func (w Want) late(s *service.Seen) bool {
	if w.whatever() {
		neither := s.Reading == service.Refusing || s.Reading == service.Swallowed // a closer look may want the one or the other
		return s.Finished && (neither || s.First == nil && s.Part == nil || s.Part != nil && s.Part.Flawed(http1.CutShort) != nil)
	}
	return s.Finished || !s.Closed && s.First == nil
}

// refusal is one with these statuses, in words.
func refusal(statuses []string) string {
	if len(statuses) == 0 {
		return "a refusal"
	}
	return "a refusal with " + strings.Join(statuses, " or ")
}

// Or lets more pass.
func (w Want) Or(more ...service.Reading) Want {
	w.Pass = slices.Concat(w.Pass, more)
	return w.saying(more)
}

// Noting lets more pass, and says that it was so.
func (w Want) Noting(more ...service.Reading) Want {
	w.Info = slices.Concat(w.Info, more)
	return w.saying(more)
}

// In has these words say what is wanted, where a closer look decides on what passes.
func (w Want) In(words string) Want {
	w.words = words
	return w
}

// saying has the words say what else is right.
func (w Want) saying(more []service.Reading) Want {
	for _, r := range more {
		if w.words != "" {
			w.words += "; or "
		}
		w.words += "that the server " + r.String()
	}
	return w
}

// expected says what is wanted, in words.
func (w Want) expected() string {
	if w.words == "" {
		w = w.saying(slices.Concat(w.Pass, w.Info))
	}
	return w.words
}

// Warning warns of more.
func (w Want) Warning(more ...service.Reading) Want {
	w.Warn = slices.Concat(w.Warn, more)
	return w
}

// Valid says whether it is wanted of a valid message: to refuse it, or to end the connection, does not pass.
func (w Want) Valid() bool {
	return slices.Contains(w.Pass, service.Taken) && !slices.ContainsFunc(w.Pass, refused)
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
func (w Want) of(s *service.Seen) (j judgement, said string) {
	words := s.Reading.String()
	if st := s.Status(); st != "" {
		words += " (" + st + ")"
	}
	switch r := s.Reading; {
	case slices.Contains(w.Pass, r):
		if slices.Contains(Refusals, r) && !w.status(s.Status()) {
			words = fmt.Sprintf("the server refused it, but with %s, not with %s", s.Status(), strings.Join(w.Statuses, " or "))
			if w.Noted {
				return informs, words
			}
			return warns, words
		}
		return passes, ""
	case slices.Contains(w.Info, r):
		return informs, "the server " + words
	case slices.Contains(w.Warn, r):
		return warns, "the server " + words
	}
	return fails, "the server " + words
}

// status says whether a status is one of those that are wanted.
func (w Want) status(s string) bool {
	return len(w.Statuses) == 0 || slices.ContainsFunc(w.Statuses, func(one string) bool {
		return one == s || len(s) == 3 && strings.HasSuffix(one, "xx") && one[0] == s[0]
	})
}
