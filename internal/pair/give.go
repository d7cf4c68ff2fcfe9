package pair

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/http1"
)

// give has the back end read what was sent on of a message, on a connection of its own, and a HEAD behind it, or the end of the stream where
// the front end did not go on either. HEAD has an answer without content, and behind it the connection ends: so nothing that comes before can
// be missed, and nothing has to be waited for.
func (p *Pair) give(ctx context.Context, res *Result, q request, goesOn bool, times time.Duration) {
	all, idle := bytes.Clone(res.SentOn), times*p.behind
	if p.ends && times == 1 {
		idle = 0
	}
	if goesOn {
		t := http1.Target{Host: p.Back}
		all = append(all, t.Head(p.Path+"?m="+p.run+"e", "Connection: close").Bytes...)
	} else {
		idle = 0
	}
	h, err := converse(ctx, p.Back, all, idle, nil)
	if err != nil {
		res.Outcome, res.Why = Unknown, fmt.Sprintf("the back end cannot be reached: %v", err)
		return
	}
	if !h.ended && len(h.bytes) < mostBytes {
		res.Outcome, res.Why = Unknown, fmt.Sprintf("the back end does not end the connection, though nothing more comes to it; it said %s", quote(h.bytes))
		return
	}
	n, answered, last, ok := p.sort(h.bytes, q.method == "HEAD", goesOn)
	if !ok {
		res.Outcome, res.Why = Unknown, fmt.Sprintf("what the back end answers cannot be read as answers of HTTP/1: %s", quote(h.bytes))
		return
	}
	if n == 2 && !answered && (last.Status >= 400 || last.Status == 0) && (q.flaw != "" || !goesOn) {
		n = 1 // it answered early, and refused what came then
	}
	saidClose := n == 1 && last != nil && (last.Version == "HTTP/1.0" || last.Has("Connection", "close"))
	switch {
	case n > 1:
		at := len(res.SentOn)
		if all := statuses(h.bytes, http1.Asked{Head: q.method == "HEAD"}); len(all) >= n && slices.Min(all[1:n]) < 400 { // it is the hidden one that is answered
			at = ends(res.SentOn, p.run)
		}
		p.parted(res, n, fmt.Sprintf("it ends before byte %d, and the rest is answered as %s", at, more(n-1)), h.bytes, q)
	case !goesOn:
	case answered && n == 1:
		res.Outcome = Alike
	case answered:
		p.parted(res, n, "it is no request: only what follows is answered", h.bytes, q)
	case !h.last || saidClose || n == 1 && q.has("Connection", "close"):
		res.Outcome = Closed
	default:
		p.parted(res, n, fmt.Sprintf("it goes on behind byte %d: what follows is taken for a part of it, and never answered", len(res.SentOn)), h.bytes, q)
	}
}

// parted says where each of the two ends what was sent on.
func (p *Pair) parted(res *Result, n int, back string, said []byte, q request) {
	res.Outcome = Parted
	front := fmt.Sprintf("one request, up to byte %d of what it sent on", len(res.SentOn))
	if res.swallowed {
		front += ", what follows it among them"
	}
	answers := "nothing"
	if all := statuses(said, http1.Asked{Head: q.method == "HEAD"}); len(all) > 0 {
		answers = strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ", "), "[]")
		if n > len(all) {
			answers += ", and then what is no answer of HTTP/1"
		}
	}
	res.Readings = []string{"front: " + front, "back: " + back + "; it says " + answers}
}

// ends is before which byte a reader ended a message at the latest whose hidden request it has answered, or what follows.
func ends(sentOn []byte, run string) int {
	first := bytes.Index(sentOn, []byte(run))
	if first < 0 {
		return len(sentOn)
	}
	if i := bytes.Index(sentOn[first+len(run):], []byte(run)); i >= 0 {
		at := first + len(run) + i
		return bytes.LastIndexByte(sentOn[:at], '\n') + 1
	}
	return len(sentOn)
}

func more(n int) string {
	if n == 1 {
		return "1 request more"
	}
	return fmt.Sprintf("%d requests more", n)
}

// mostAnswers bounds how many answers to one message are looked for.
const mostAnswers = 12

// sort finds out how many final answers a stream has before the one to HEAD, and whether that is there. A stream whose answers have no length
// of their own may be read in several ways: the reading that is right comes first, so that nobody is blamed for what is not certain.
func (p *Pair) sort(b []byte, byHead, followed bool) (n int, answered bool, last *http1.Answer, ok bool) {
	if len(b) == 0 {
		return 0, false, nil, true
	}
	try := func(n int, withHead bool) (*http1.Answer, bool) {
		r := http1.Reader{Asked: make([]http1.Asked, n, n+1)}
		if n > 0 {
			r.Asked[0].Head = byHead
		}
		want := n
		if withHead {
			r.Asked = append(r.Asked, http1.Asked{Head: true})
			want++
		}
		_, _ = r.Write(b)
		r.End()
		last := &r.Answers()[len(r.Answers())-1]
		if last.Flawed(http1.CutShort) != nil { // a connection that is reset may end so: it has begun
			return last, !withHead && r.Final() == want-1
		}
		return last, !r.Lost() && last.Whole && r.Final() == want && (!withHead || last.Status == p.head)
	}
	type reading struct {
		n        int
		withHead bool
	}
	readings := []reading{{1, true}, {1, false}, {0, true}}
	for n := 2; n < mostAnswers; n++ {
		readings = append(readings, reading{n, true}, reading{n, false})
	}
	for _, one := range readings {
		if one.withHead && !followed {
			continue
		}
		if last, ok = try(one.n, one.withHead); ok {
			return one.n, one.withHead, last, true
		}
	}
	var r http1.Reader
	_, _ = r.Write(b)
	last = &r.Answers()[len(r.Answers())-1]
	if r.Final() > 0 && last.Flawed(http1.NoStatusLine) != nil { // something is answered besides, in HTTP/0.9 perhaps
		return r.Final() + 1, false, last, true
	}
	return 0, false, nil, false
}
