package dialect

import "github.com/streamspec/streamspec/internal/match"

// Turn returns the session's request and its most expected answer as one turn of a connection that stays open and was opened before.
func (s Session) Turn() Turn {
	t := Turn{Request: s.Request, Answer: s.Answer()}
	if len(s.Like) > 0 {
		t.Like = s.Like[0]
	}
	if s.Bind != nil {
		t.Bind = func(conn string) Turn { return s.Bind(conn).Turn() }
	}
	if s.Told != nil {
		t.Told = func(answers [][]byte) (Turn, error) {
			told, err := s.Told(answers)
			if err != nil {
				return t, err
			}
			return told.Turn(), nil
		}
	}
	return t
}

// A Turn is one request within a session that stays open, and the bytes that
// must come back before the client goes on.
type Turn struct {
	Request []byte
	Answer  []byte
	Like    *match.Pattern         // where the answer varies, of which Answer is an example then
	Bind    func(conn string) Turn // the turn for a connection of that name; nil where it is the same on every one
	// Told returns the turn as it is behind turns that got these answers; nil where it does not hang on them. The error says what an
	// answer lacks.
	Told func(answers [][]byte) (Turn, error)
	// Exchange is the name of that of its file which the turn is; "" where it is made of bytes.
	Exchange string
}

// Pattern returns the pattern of the right answer.
func (t Turn) Pattern() *match.Pattern {
	if t.Like != nil {
		return t.Like
	}
	return match.Text(t.Answer)
}
