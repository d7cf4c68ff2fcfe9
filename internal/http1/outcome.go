package http1

import "slices"

// A Control is what a server answers to requests that are as plain as can be, by which all else is told: ok is what the control got,
// refused is a 4xx or 5xx that it did not get.
type Control struct {
	Get     Known // GET P
	Head    Known // HEAD P
	Post    Known // POST Q
	Missing Known // GET X
	Unknown Known // a method that nobody knows
}

// A Class is how an answer stands to the control's.
type Class int

// The classes.
const (
	NoAnswer  Class = iota
	OK              // the control's answer to this request
	Refused         // a 4xx or 5xx that is not the control's
	Otherwise       // any other
)

func (c Class) String() string {
	return [...]string{"not answered", "answered as it is by itself", "refused", "answered otherwise"}[c]
}

// Class says how an answer stands to what is known of the request that it answers.
func (k Known) Class(a *Answer) Class {
	switch {
	case a == nil:
		return NoAnswer
	case k.Is(a):
		return OK
	case a.Status >= 400 && a.Status < 600:
		return Refused
	}
	return Otherwise
}

// An Outcome is what came of a message with a follow-up behind it, or without.
type Outcome struct {
	Interim []*Answer // those that came before the first final one
	First   *Answer   // the final answer to the message; nil where none came whole
	Others  []*Answer // the answers to what the server took for requests besides
	Next    *Answer   // the follow-up's own answer; nil where that did not come
	Part    *Answer   // what came last and is not whole; nil where all is
	Closed  bool      // the server has ended the connection
	Reset   bool      // by RST
}

// Outcome sorts what a reader has read of the answers to a message that is followed up, as next says, or is not (nil).
func (r *Reader) Outcome(next *Known) Outcome {
	var o Outcome
	var final []*Answer
	for i := range r.answers {
		switch a := &r.answers[i]; {
		case !a.Whole:
			o.Part = a
		case !a.Interim():
			final = append(final, a)
		case len(final) == 0:
			o.Interim = append(o.Interim, a)
		}
	}
	if len(final) == 0 {
		return o
	}
	o.First, final = final[0], final[1:]
	if n := len(final); n > 0 && next != nil && next.Is(final[n-1]) {
		o.Next, final = final[n-1], final[:n-1]
	}
	o.Others = slices.Clip(final)
	return o
}

// Answers are all that came, in the order in which they came.
func (o Outcome) Answers() []*Answer {
	all := slices.DeleteFunc(slices.Concat(o.Interim, []*Answer{o.First, o.Next, o.Part}, o.Others), func(a *Answer) bool { return a == nil })
	slices.SortFunc(all, func(a, b *Answer) int { return a.Start - b.Start })
	return all
}
