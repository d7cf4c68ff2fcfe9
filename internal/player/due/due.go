// Package due says what the clients of a plan must get: at each of their awaits, and behind the last of them.
package due

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Client is what one client of a plan must get.
type Client struct {
	// Free says of bytes for a server that speaks an exchange file, which does not know them: any answer is right. What counts is that
	// a new client is served afterwards.
	Free    bool
	Session dialect.Session // all that the client sends, and the right answers to it
	Rounds  []Round         // up to each await; none where the client waits for nothing
	Rest    dialect.Session // what is left of it behind the last of them
}

// A Round is what a client sends up to an await, behind what it sent up to the one before, and what must come before it goes on.
type Round struct {
	To   int // how many bytes the client has sent by then, over all rounds
	Turn dialect.Turn
}

// To returns what the clients of a plan must get of a server that speaks d. Its error says why the plan does not fit d.
func To(d dialect.Dialect, p plan.Plan) ([]Client, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	all := make([]Client, len(p.Clients))
	for i, c := range p.Clients {
		var err error
		if all[i], err = dueToClient(d, c); err != nil {
			return nil, fmt.Errorf("client %d: %w", i+1, err)
		}
	}
	return all, nil
}

func dueToClient(d dialect.Dialect, c plan.Client) (Client, error) {
	if x, ok := d.(dialect.Learner); ok {
		return dueToExchanges(d, x, c)
	}
	if c.Exchanges() {
		return Client{}, fmt.Errorf("the dialect %s has no exchanges: the requests must be bytes", d.Name())
	}
	m, ok := d.(dialect.Predictor)
	if !ok {
		return Client{}, fmt.Errorf("the dialect %s does not predict answers", d.Name())
	}
	request := c.Bytes()
	predicted := m.Predict(request)
	due := Client{Session: dialect.Session{Name: "a plan", Request: request, Answers: predicted.Answers, End: predicted.End}}
	due.Rest = due.Session
	awaits := c.Awaits
	if n := len(request); n > 0 && c.End == delivery.Open && predicted.End == dialect.ByClient && !slices.Contains(awaits, n) {
		awaits = append(slices.Clip(awaits), n)
	}
	from, had := 0, 0
	for _, at := range awaits {
		answer, err := dueSoFar(m, request[:at:at])
		if err != nil {
			return Client{}, fmt.Errorf("behind byte %d: %w", at, err)
		}
		if len(answer) == had && at < len(request) { // there is nothing to wait for
			continue
		}
		due.Rounds = append(due.Rounds, Round{To: at, Turn: dialect.Turn{Request: request[from:at:at], Answer: answer[had:]}})
		from, had = at, len(answer)
	}
	due.Rest = tail(due.Session, from, had)
	return due, nil
}

// dueToExchanges is what is due to exchanges of a file. An await waits for the answers to the exchanges that are whole by then.
func dueToExchanges(d dialect.Dialect, x dialect.Learner, c plan.Client) (due Client, err error) {
	if !c.Exchanges() {
		if len(c.Awaits) > 0 {
			return Client{}, fmt.Errorf("what the dialect %s answers to bytes is not known, and cannot be awaited: leave the awaits out, or name exchanges", d.Name())
		}
		due.Free, due.Session.Name, due.Session.Request = true, "a plan", c.Bytes()
		return due, nil
	}
	var names []string
	for _, r := range c.Requests {
		names = append(names, r.Exchange)
	}
	ended := func(s dialect.Session) dialect.Session { return s }
	if c.End == delivery.HalfClose || c.End == delivery.HalfCloseWithData {
		ended = x.HalfClosed
	}
	all, err := x.Named(names)
	if err != nil {
		return Client{}, err
	}
	due.Session = ended(all)
	due.Rest = due.Session
	if err := c.Delivery().Validate(len(all.Request)); err != nil {
		return Client{}, err
	}
	from, done := 0, 0
	for _, at := range c.Awaits {
		if at > len(all.Request) {
			return Client{}, fmt.Errorf("an await is behind byte %d, and %d are sent", at, len(all.Request))
		}
		whole, err := wholeBy(x, names, at)
		if err != nil {
			return Client{}, err
		}
		if whole == done { // there is nothing to wait for
			continue
		}
		answered, err := x.Named(names[done:whole])
		if err != nil {
			return Client{}, err
		}
		due.Rounds = append(due.Rounds, Round{To: at, Turn: turnOf(all, answered, from, at)})
		from, done = at, whole
	}
	if from == 0 {
		return due, nil
	}
	rest := nothing(all)
	if done < len(names) {
		if rest, err = x.Named(names[done:]); err != nil {
			return Client{}, err
		}
	}
	due.Rest = behind(ended(all), ended(rest), from)
	return due, nil
}

// wholeBy is how many of the exchanges are whole in the first bytes of their session.
func wholeBy(x dialect.Learner, names []string, bytes int) (int, error) {
	for n := len(names); n > 0; n-- {
		s, err := x.Named(names[:n])
		if err != nil {
			return 0, err
		}
		if len(s.Request) <= bytes {
			return n, nil
		}
	}
	return 0, nil
}

// turnOf is the part of a session's request between two offsets, for which the answer to another session must come.
func turnOf(s, answered dialect.Session, from, to int) dialect.Turn {
	of := func(s, answered dialect.Session) dialect.Turn {
		to := min(to, len(s.Request)) // it may be shorter than the plan takes it for
		t := dialect.Turn{Request: s.Request[min(from, to):to:to], Answer: answered.Answers[0]}
		if len(answered.Like) > 0 {
			t.Like = answered.Like[0]
		}
		return t
	}
	t := of(s, answered)
	if s.Bind != nil && answered.Bind != nil {
		t.Bind = func(conn string) dialect.Turn {
			s, answered := s.Bind(conn), answered.Bind(conn)
			t := of(s, answered)
			if s.Told != nil {
				t.Told = func(answers [][]byte) (dialect.Turn, error) {
					s, answered, err := bothTold(s, answered, answers)
					return of(s, answered), err
				}
			}
			return t
		}
	}
	return t
}

// bothTold are a session and the one whose answer is due to it, where their opening got these answers.
func bothTold(s, answered dialect.Session, answers [][]byte) (_, _ dialect.Session, err error) {
	if s, err = s.Told(answers); err == nil && answered.Told != nil {
		answered, err = answered.Told(answers)
	}
	return s, answered, err
}

// nothing is the session without a request, to which no answer is due.
func nothing(s dialect.Session) dialect.Session {
	of := func(s dialect.Session) dialect.Session {
		s.Request, s.Answers, s.Like, s.Told = nil, [][]byte{{}}, nil, nil
		return s
	}
	bind := s.Bind
	s = of(s)
	if bind != nil {
		s.Bind = func(conn string) dialect.Session { return of(bind(conn)) }
	}
	return s
}

// behind is what is left of a session behind its first bytes, for which the answer to another session must come. Its connection was
// opened before.
func behind(s, answered dialect.Session, from int) dialect.Session {
	of := func(s, answered dialect.Session) dialect.Session {
		answered.Name, answered.Request, answered.Opening, answered.Exchanges = s.Name, s.Request[min(from, len(s.Request)):], nil, nil
		return answered
	}
	rest := of(s, answered)
	if s.Bind != nil && answered.Bind != nil {
		rest.Bind = func(conn string) dialect.Session {
			s, answered := s.Bind(conn), answered.Bind(conn)
			rest := of(s, answered)
			if s.Told != nil {
				rest.Told = func(answers [][]byte) (dialect.Session, error) {
					s, answered, err := bothTold(s, answered, answers)
					return of(s, answered), err
				}
			}
			return rest
		}
	}
	return rest
}

// dueSoFar is the answer that is due to what a client sent while its stream stays open. The error says why there is none to wait for.
func dueSoFar(m dialect.Predictor, sent []byte) ([]byte, error) {
	p := m.Predict(sent)
	switch {
	case p.Due != nil:
		return p.Due, nil
	case p.End == dialect.ByFailure:
		return nil, fmt.Errorf("a handler has failed by then, and there is no answer to wait for")
	}
	return nil, fmt.Errorf("more than one answer is right by then, and there is no one to wait for")
}

// tail is a session without what was sent and answered before.
func tail(s dialect.Session, sent, had int) dialect.Session {
	if sent == 0 {
		return s
	}
	before := s.Answers[0][:had]
	s.Request, s.Like = s.Request[sent:], nil
	var answers [][]byte
	for _, a := range s.Answers {
		if bytes.HasPrefix(a, before) {
			answers = append(answers, a[had:])
		}
	}
	s.Answers = answers
	return s
}
