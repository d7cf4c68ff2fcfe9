// Package signs tells, of a plan that was made as small as it still fails, which requirement a server breaks that fails it: by what is
// left in the plan, since all of that is needed.
package signs

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// A Shrunk plan was made as small as it still fails: what is left in it is what the failure needs.
type Shrunk struct {
	Plan    plan.Plan
	Dialect dialect.Dialect
	Came    report.Failure // what was expected, and what came
	Died    bool           // the server ended of it
}

// A sign says when a shrunk plan is evidence of a requirement. Of several that fit the most particular counts: it tells what the plan
// would not need for another failure.
type sign struct {
	requirement string
	rank        rank
	fits        func(Shrunk) bool
}

// rank is how particular a sign is, the most particular first.
type rank int

const (
	byDeath    rank = 10 * iota
	byClients       // another client is needed
	byReset         // a reset is
	byPause         // a pause is
	byAwait         // the client must wait for an answer before it goes on
	byCuts          // a cut is
	byMessages      // it is exchanges, whole
	byFailure       // a handler fails in it
	byEnd           // the end of the stream comes with the last bytes
	byLength        // it is long
	byChars         // a character in it is odd
	byShape         // how many lines or commands there are, and which
	byNothing
)

// signs are those of all families. What fits none is wrong whole, whatever it is: FRAM-1.
var signs = slices.Concat(lifeSigns, concSigns, framSigns, readSigns, lineSigns, codeSigns, sendSigns, closSigns)

// Breaks names the requirement that a server breaks which fails the plan.
func Breaks(s Shrunk) string {
	best := sign{requirement: "FRAM-1", rank: byNothing}
	for _, one := range signs {
		if one.rank < best.rank && one.fits(s) {
			best = one
		}
	}
	return best.requirement
}

// client is the first one, which is all of it where only one is left.
func (s Shrunk) client() plan.Client { return s.Plan.Clients[0] }

// bytes are what the client sends; none where it sends exchanges.
func (s Shrunk) bytes() []byte { return s.client().Bytes() }

// failsAt says whether a handler fails in it, by design, and at which byte.
func (s Shrunk) failsAt() (at int, ok bool) {
	m, predicts := s.Dialect.(dialect.Predictor)
	if !predicts || s.client().Exchanges() {
		return 0, false
	}
	p := m.Predict(s.bytes())
	return p.Used, p.End == dialect.ByFailure
}

func (s Shrunk) fails() bool {
	_, ok := s.failsAt()
	return ok
}

func (s Shrunk) resets() bool {
	return slices.ContainsFunc(s.Plan.Clients, func(c plan.Client) bool { return c.End == delivery.Reset })
}

func (s Shrunk) lines() bool   { return can[dialect.LineReader](s.Dialect) }
func (s Shrunk) scripts() bool { return can[dialect.Scripter](s.Dialect) }

// has says whether a character of its lines is such.
func (s Shrunk) has(such func(rune) bool) bool {
	return s.lines() && strings.ContainsFunc(string(s.bytes()), such)
}

// among are the characters of a text.
func among(text string) func(rune) bool {
	return func(r rune) bool { return strings.ContainsRune(text, r) }
}

// hasLine says whether one of its lines, without its LF, is such.
func (s Shrunk) hasLine(such func(string) bool) bool {
	if !s.lines() {
		return false
	}
	for line := range strings.Lines(string(s.bytes())) {
		if such(strings.TrimSuffix(line, "\n")) {
			return true
		}
	}
	return false
}

// contains says whether a text is in its lines.
func (s Shrunk) contains(text string) bool {
	return s.lines() && bytes.Contains(s.bytes(), []byte(text))
}

// trimmed is a line as readline takes it.
func trimmed(line string) string { return strings.Trim(line, " \t\n\v\f\r") }

// longerThanABuffer says whether it is longer than what any buffer holds that is worth the name.
func (s Shrunk) longerThanABuffer() bool { return len(s.bytes()) > 256 }

// binary says whether there are bytes in it that a server of text could handle by themselves.
func (s Shrunk) binary() bool {
	b := s.bytes()
	return !utf8.Valid(b) || bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' || r >= 0x7f })
}

// can says whether a dialect has the ability of an interface of package dialect.
func can[T any](d dialect.Dialect) bool {
	_, ok := d.(T)
	return ok
}
