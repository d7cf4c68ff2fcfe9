package pair

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
)

// A Verdict is what a message came to.
type Verdict int

// The verdicts.
const (
	Agreed  Verdict = iota // the back end reads what was sent on as the front end meant it, or refuses it
	Refused                // the front end sent nothing on
	Parted                 // the back end reads it otherwise, or the front end sent on what it must not
	Unknown                // the front end, or the back end, could not be asked
)

// A Result is what one message came to.
type Result struct {
	Message http1.Message
	Verdict Verdict
	// Said says it in words.
	Said     string
	Statuses []int   // of the front end's answers
	Sent     []Sent  // what it sent on
	Back     [][]int // the statuses of the back end's answers, connection for connection
}

// A Pair is a front end that sends on to a recorder, and a server that could stand in the recorder's place.
type Pair struct {
	Front, Back string // addresses
	Recorder    *Recorder
	Target      http1.Target
}

// mostKept is up to how many bytes of answers are kept of a connection.
const mostKept = 1 << 20

// Ask sends a message and the request that follows it to the front end, and gives what that sent on to the back end.
func (p *Pair) Ask(ctx context.Context, m http1.Message) Result {
	res := Result{Message: m}
	p.Recorder.Take()
	request := m.Bytes
	if !m.Ends {
		request = append(bytes.Clone(m.Bytes), p.Target.FollowUp("f").Bytes...)
	}
	c, err := delivery.Dial(ctx, p.Front, delivery.Options{Confirm: delivery.Never})
	if err != nil {
		res.Verdict, res.Said = Unknown, fmt.Sprintf("the front end cannot be reached: %v", err)
		return res
	}
	r := &http1.Reader{Asked: m.Asked, Limit: mostKept}
	wait := 8 * patience.Settled
	a, _ := c.Exchange(ctx, request, delivery.Whole(), want(r, wait))
	if a.TimedOut { // it waits for more
		_ = c.HalfClose()
		c.Receive(ctx, want(r, wait))
	}
	res.Sent = p.Recorder.Take()
	_ = c.Close()
	for _, a := range r.Answers() {
		if !a.Interim() {
			res.Statuses = append(res.Statuses, a.Status)
		}
	}
	p.judge(ctx, &res)
	return res
}

// want reads up to the end of the stream.
func want(r *http1.Reader, idle time.Duration) delivery.Want {
	n := 0
	return delivery.Want{Keep: mostKept, Limit: mostKept, Idle: idle, Total: patience.Turn, Done: func(head []byte) bool {
		_, _ = r.Write(head[n:])
		n = len(head)
		return false
	}}
}

// judge says what the message came to.
func (p *Pair) judge(ctx context.Context, res *Result) {
	requests := 0
	for _, s := range res.Sent {
		requests += len(s.Requests)
		for _, one := range append(s.Requests, s.Rest) {
			if flaw := forwards(one); flaw != "" && res.Verdict != Parted {
				res.Verdict, res.Said = Parted, flaw
			}
		}
	}
	if requests == 0 {
		if res.Verdict != Parted {
			res.Verdict, res.Said = Refused, fmt.Sprintf("the front end refused it (%s)", numbers(res.Statuses))
		}
		return
	}
	for _, s := range res.Sent {
		said, statuses, ok := p.give(ctx, s)
		res.Back = append(res.Back, statuses)
		switch {
		case said != "" && !ok:
			if res.Verdict != Parted {
				res.Verdict, res.Said = Unknown, said
			}
			return
		case said != "":
			res.Verdict, res.Said = Parted, said
			return
		}
	}
	if res.Verdict != Parted {
		res.Said = fmt.Sprintf("sent on as %s, and read so", count(requests, "request"))
	}
}

// give has the back end read what came over one connection, request by request, as it would come to it. It returns how the two part; ok is
// false where the back end could not be asked.
func (p *Pair) give(ctx context.Context, s Sent) (said string, statuses []int, ok bool) {
	for i := 0; i < len(s.Requests); {
		c, err := delivery.Dial(ctx, p.Back, delivery.Options{Confirm: delivery.Never})
		if err != nil {
			return fmt.Sprintf("the back end cannot be reached: %v", err), statuses, false
		}
		n, parted, a := converse(ctx, c, s.Requests[i:], p.Target)
		_ = c.Close()
		for _, one := range a.Answers() {
			if !one.Interim() {
				statuses = append(statuses, one.Status)
			}
		}
		if parted != "" {
			return parted, statuses, true
		}
		i += n
	}
	return "", statuses, true
}

// converse sends requests one after another, each when the one before was answered, and then a plain one. It returns how many were answered,
// at least one where nothing is wrong, and how the back end reads them otherwise.
func converse(ctx context.Context, c *delivery.Conn, requests [][]byte, t http1.Target) (n int, parted string, r *http1.Reader) {
	r = &http1.Reader{Limit: mostKept}
	for _, one := range requests {
		r.Asked = append(r.Asked, http1.Asked{Head: bytes.HasPrefix(one, []byte("HEAD "))})
	}
	for i, one := range append(requests, t.FollowUp("last").Bytes) {
		last := i == len(requests)
		read := 0
		done := func(head []byte) bool {
			_, _ = r.Write(head[read:])
			read = len(head)
			return !last && r.Final() > i
		}
		a, _ := c.Exchange(ctx, one, delivery.Whole(), delivery.Want{Keep: mostKept, Limit: mostKept, Idle: patience.Linger, Total: patience.Turn, Done: done})
		finals := begun(r)
		switch {
		case last && finals > len(requests)+1:
			return len(requests), fmt.Sprintf("the front end sent on %s, and the back end answered %d: it takes a part of one for another", count(len(requests), "request"), finals-1), r
		case last:
			return len(requests), "", r
		case finals > i+1:
			return i, fmt.Sprintf("the front end sent on %s, and the back end answered %d: it takes a part of one for another", count(i+1, "request"), finals), r
		case a.Ending != delivery.StillOpen: // answered or not, nothing else is read on this connection
			return i + 1, "", r
		case finals < i+1:
			return i, fmt.Sprintf("the front end sent on %s, and the back end answered %d, and waits for more: it takes what comes next for a part of the last", count(i+1, "request"), finals), r
		}
	}
	return len(requests), "", r
}

// begun counts the final answers that have begun.
func begun(r *http1.Reader) (n int) {
	for _, a := range r.Answers() {
		if !a.Interim() {
			n++
		}
	}
	return n
}

// forwards says which field of a request a front end must not send on (RFC 9112, 6.3; RFC 9110, 8.6); "" where none is.
func forwards(request []byte) string {
	head, _, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	coded, lengths := false, [][]byte(nil)
	for _, line := range bytes.Split(head, []byte("\r\n"))[1:] {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch strings.ToLower(string(bytes.TrimSpace(name))) {
		case "transfer-encoding":
			coded = true
		case "content-length":
			lengths = append(lengths, bytes.TrimSpace(value))
		}
	}
	switch {
	case coded && len(lengths) > 0:
		return "the front end sent on Content-Length beside Transfer-Encoding"
	case len(lengths) > 0 && !digits(lengths[0]):
		return "the front end sent on a Content-Length that is no number"
	}
	return ""
}

func digits(b []byte) bool {
	return len(b) > 0 && bytes.IndexFunc(b, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func numbers(all []int) string {
	if len(all) == 0 {
		return "without an answer"
	}
	var words []string
	for _, n := range all {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, ", ")
}
