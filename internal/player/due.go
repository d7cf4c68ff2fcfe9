package player

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Due is what one client of a plan must get.
type Due struct {
	Session dialect.Session // all that the client sends, and the right answers to it
	Rounds  []Round         // up to each await; none where the client waits for nothing
}

// A Round is what a client sends up to an await, and what must have come before it goes on.
type Round struct {
	To     int    // how many bytes the client has sent by then
	Answer []byte // all that has come by then
}

// DueTo returns what the clients of a plan must get of a server that speaks d. Its error says why the plan does not fit d.
func DueTo(d dialect.Dialect, p plan.Plan) ([]Due, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	all := make([]Due, len(p.Clients))
	for i, c := range p.Clients {
		var err error
		if all[i], err = dueToClient(d, c); err != nil {
			return nil, fmt.Errorf("client %d: %w", i+1, err)
		}
	}
	return all, nil
}

// Due is [DueTo] of the server's dialect.
func (s *Server) Due(p plan.Plan) ([]Due, error) { return DueTo(s.Dialect, p) }

func dueToClient(d dialect.Dialect, c plan.Client) (Due, error) {
	if x, ok := d.(dialect.Learner); ok {
		return dueToExchanges(d, x, c)
	}
	if c.Exchanges() {
		return Due{}, fmt.Errorf("the dialect %s has no exchanges: the requests must be bytes", d.Name())
	}
	m, ok := d.(dialect.Predictor)
	if !ok {
		return Due{}, fmt.Errorf("the dialect %s does not predict answers", d.Name())
	}
	request := c.Bytes()
	predicted := m.Predict(request)
	due := Due{Session: dialect.Session{Name: "a plan", Request: request, Answers: predicted.Answers, End: predicted.End}}
	awaits := c.Awaits
	if n := len(request); n > 0 && c.End == delivery.Open && predicted.End == dialect.ByClient && !slices.Contains(awaits, n) {
		awaits = append(slices.Clip(awaits), n)
	}
	had := 0
	for _, at := range awaits {
		answer, err := dueSoFar(m, request[:at:at])
		if err != nil {
			return Due{}, fmt.Errorf("behind byte %d: %w", at, err)
		}
		if len(answer) > had || at == len(request) { // else there is nothing to wait for
			due.Rounds, had = append(due.Rounds, Round{To: at, Answer: answer}), len(answer)
		}
	}
	return due, nil
}

func dueToExchanges(d dialect.Dialect, x dialect.Learner, c plan.Client) (Due, error) {
	if !c.Exchanges() {
		return Due{}, fmt.Errorf("the dialect %s has exchanges: each request must be one of them, by its name", d.Name())
	}
	if len(c.Awaits) > 0 {
		return Due{}, fmt.Errorf("a plan of exchanges has no await")
	}
	var names []string
	for _, r := range c.Requests {
		names = append(names, r.Exchange)
	}
	s, err := x.Named(names)
	if err != nil {
		return Due{}, err
	}
	if c.End == delivery.HalfClose || c.End == delivery.HalfCloseWithData {
		s = x.HalfClosed(s)
	}
	if err := c.Delivery().Validate(len(s.Request)); err != nil {
		return Due{}, err
	}
	return Due{Session: s}, nil
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

// between is the part of a delivery that falls between two offsets.
func between(cuts []delivery.Cut, from, to int, end delivery.ClientEnd) delivery.Segments {
	p := delivery.Segments{End: end}
	for _, cut := range cuts {
		if from < cut.At && cut.At < to {
			cut.At -= from
			p.Cuts = append(p.Cuts, cut)
		}
	}
	return p
}
