package targets

import (
	"bytes"
	"fmt"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/grammar"
)

// choices are those of a draw, a byte each; behind the last all are the first.
type choices struct{ left []byte }

func (c *choices) IntN(n int) int {
	if len(c.left) == 0 {
		return 0
	}
	b := c.left[0]
	c.left = c.left[1:]
	return int(b) % n
}

// askedAt is where the requests of the grammar are sent.
var askedAt = http1.Target{Host: "a", Path: "/", Post: "/post", Missing: "/missing", Hidden: "/hidden"}

// drawHTTP draws requests, has the reference read them with one more behind them, and says what is wrong: what it reads must be what the
// grammar's model says.
func drawHTTP(choice []byte) error {
	s := grammar.Draw(&choices{choice}, grammar.Limits{Before: 4, Posts: true})
	w := s.At(askedAt)
	input := w.Bytes
	if !w.Closes {
		input = append(bytes.Clone(input), askedAt.FollowUp("f").Bytes...)
	}
	if err := exchangeHTTP(input, 0); err != nil {
		return err
	}
	read := playHTTP(bytes.NewReader(input), 0).requests
	n := len(read)
	followed := n > 0 && read[n-1].target == "/?m=f"
	if followed {
		n--
	}
	for i, r := range read {
		if r.target == askedAt.Hidden && (i <= w.Before || i >= w.Requests) {
			return fmt.Errorf("%s: %q: the request that is hidden was read", w.Name, input)
		}
	}
	switch {
	case n < w.Before || n > w.Requests:
		return fmt.Errorf("%s: %q: %d requests were read, and not %d", w.Name, input, n, w.Requests)
	case followed && n == w.Requests && !w.Ways.Has(grammar.Take):
		return fmt.Errorf("%s: %q was taken", w.Name, input)
	case followed && n < w.Requests:
		return fmt.Errorf("%s: %q: what follows was read behind %d requests, and not %d", w.Name, input, n, w.Requests)
	case w.Ways == grammar.Take && (n != w.Requests || followed == w.Closes):
		return fmt.Errorf("%s: %q is valid, and was not taken", w.Name, input)
	case !w.Ways.Has(grammar.Take|grammar.End|grammar.Late) && n > w.Before:
		return fmt.Errorf("%s: %q was answered", w.Name, input)
	}
	return nil
}
