package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// What the family HSEM looks at in answers. A look is asked of all that came on a connection.

// looked is a plain request, and then these requests, whatever is answered to which: in all answers a look tells whether they are right.
func looked(words string, look closer, groups ...[]ask.Shape) []ask.Shape {
	plain := plainGet
	plain.Look = look
	shapes := []ask.Shape{plain}
	for _, h := range slices.Concat(groups...) {
		h.Want, h.Look, h.Unparted = ask.Any(words), look, true
		shapes = append(shapes, h)
	}
	return shapes
}

// where looks at the answers of a kind. Where none came, that is said, with this reason; and so is what the server lacks to give more of them.
func where(none string, lacks ask.Lack, words string, is func(*http1.Answer) bool, look closer) func(*ask.Asker) *finding.Finding {
	return func(a *ask.Asker) *finding.Finding {
		came := false
		r := ask.Rule{Shapes: ask.Uncut(looked(words, func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
			came = came || slices.ContainsFunc(seen.Answers(), is)
			return look(s, seen)
		}, valid(), inOld(), refused()))}
		if f := r.Show(a.Ctx, a.Bench, a.Service); f != nil {
			return f
		}
		if !came {
			return finding.NewNotShown("%s", none)
		}
		if why := lacks.Why(a.Service); why != "" {
			a.Observe("in part: %s", why)
		}
		return nil
	}
}

// named says which of the answers of a connection one is.
func named(a *http1.Answer) string {
	if a.Status == 0 {
		return "an answer"
	}
	return fmt.Sprintf("the answer %d", a.Status)
}

// flawed fails the first answer that is wrong in one of these ways.
func flawed(kinds ...http1.Kind) closer {
	return func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
		for _, a := range seen.Answers() {
			for _, k := range kinds {
				if flaw := a.Flawed(k); flaw != nil {
					return fmt.Sprintf("%s is not right: %s", named(a), flaw.Text), finding.Fails
				}
			}
		}
		return "", finding.ByLevel
	}
}

// behind is the answer behind which something came that is none; nil where nothing did, or it came first.
func behind(seen *service.Seen) (before *http1.Answer) {
	for _, a := range seen.Answers() {
		if a.Flawed(http1.NoStatusLine) != nil {
			return before
		}
		before = a
	}
	return nil
}

// statusLine fails status lines that are not formed as RFC 9112, 4 has them, and what came first without any.
func statusLine(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if problem, g := flawed(http1.BadStatusLine, http1.BadVersion)(s, seen); problem != "" {
		return problem, g
	}
	if behind(seen) == nil {
		return flawed(http1.NoStatusLine)(s, seen)
	}
	return "", finding.ByLevel
}

// endsWhereSaid fails answers that end elsewhere than their fields or chunks say. One that a reset cut short was cut by that.
func endsWhereSaid(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if problem, g := flawed(http1.FramedTwice, http1.BadLength, http1.BadCoding, http1.BadChunk)(s, seen); problem != "" {
		return problem, g
	}
	if problem, g := flawed(http1.CutShort)(s, seen); problem != "" && !seen.Reset {
		return problem, g
	}
	if a := behind(seen); a != nil && (a.Framing == http1.Length || a.Framing == http1.Chunked) {
		return fmt.Sprintf("%s does not end where it says (%s): behind that comes what is no answer", named(a), a.Framing), finding.Fails
	}
	const sent = 2 // the request, and what follows it
	if finals := slices.DeleteFunc(seen.Answers(), (*http1.Answer).Interim); len(finals) > sent {
		return fmt.Sprintf("the server gave %d answers to %d requests", len(finals), sent), finding.Fails
	}
	for _, a := range seen.Answers() {
		if lf := a.Flawed(http1.LoneLF); lf != nil && !inHead(a, lf) {
			return fmt.Sprintf("%s is not right: in its chunks %s", named(a), lf.Text), finding.Fails
		}
	}
	return "", finding.ByLevel
}

func inHead(a *http1.Answer, f *http1.Flaw) bool { return a.Body == 0 || f.At < a.Body }

// endsWithHead says whether an answer ends with its head by its status alone (RFC 9112, 6.3).
func endsWithHead(a *http1.Answer) bool {
	return a.Status >= 100 && a.Status < 200 || a.Status == 204 || a.Status == 304
}

// endsWithItsHead fails such answers that have content, or say how long it is.
func endsWithItsHead(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if a := behind(seen); a != nil && endsWithHead(a) {
		return fmt.Sprintf("%s ends with its head, and behind that comes what is no answer: it was sent with content", named(a)), finding.Fails
	}
	return flawed(http1.FramedInVain)(s, seen)
}

// allows warns of a 405 that does not say which methods there are: no message is framed by that.
func allows(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	for _, a := range seen.Answers() {
		if a.Status == 405 && a.Body > 0 && len(a.Values("Allow")) == 0 {
			return "the answer 405 has no Allow", finding.Warns
		}
	}
	return "", finding.ByLevel
}

// dated warns of answers without Date. One that refuses may come from what has no clock, which is said.
func dated(_ *service.Service, seen *service.Seen) (problem string, g finding.Grade) {
	for _, a := range seen.Answers() {
		switch {
		case a.Status < 200 || a.Status >= 500 || a.Body == 0 || len(a.Values("Date")) > 0:
		case a.Status >= 400:
			problem = fmt.Sprintf("the server sent no Date in its answer %d", a.Status)
		default:
			return fmt.Sprintf("the answer %d has no Date", a.Status), finding.Warns
		}
	}
	return problem, finding.ByLevel
}

// wellFormed fails fields, and lines of a head, that are not formed as RFC 9112, 2.2 and 5 have them.
func wellFormed(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	for _, a := range seen.Answers() {
		if lf := a.Flawed(http1.LoneLF); lf != nil && inHead(a, lf) {
			return fmt.Sprintf("%s is not right: in its head %s", named(a), lf.Text), finding.Fails
		}
	}
	return flawed(http1.BadField)(s, seen)
}

// notSlippedIn fails an answer with the field that its request tried to put there.
func notSlippedIn(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	for _, a := range seen.Answers() {
		if len(a.Values(slipped)) > 0 {
			return fmt.Sprintf("%s has the field %s, which the request put into it", named(a), slipped), finding.Fails
		}
	}
	return "", finding.ByLevel
}

// headIsGet holds the length in answers to HEAD against the content that GET has, where that is as long each time.
func headIsGet(a *ask.Asker) *finding.Finding {
	for _, of := range []struct {
		name, path string
		plain      ask.Plain
	}{{"P", "{P}", ask.OfGet}, {"X", "{X}", ask.OfMissing}} {
		var got []*http1.Answer
		get := ask.Shape{Name: "GET " + of.name, Text: lined("GET " + of.path + " HTTP/1.1"), Plain: of.plain, Want: plainGet.Want, Whole: true,
			Look: func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
				got = append(got, seen.First)
				return "", finding.ByLevel
			}}
		for range 2 {
			if f := a.Show(get); f != nil {
				return f
			}
		}
		head := ask.Shape{Name: "HEAD " + of.name, Text: lined("HEAD " + of.path + " HTTP/1.1"), Plain: ask.OfHead, Asked: byHead, Want: ask.Any("a Content-Length as GET has it, or none"), Look: likeGet(got[0]), Unparted: true}
		if f := a.Show(head); f != nil {
			if again := a.Show(get); again != nil || !f.Failed() {
				return f
			}
			if !slices.ContainsFunc(got, func(g *http1.Answer) bool { return g.Size != got[0].Size }) {
				return f
			}
			a.Observe("in part: what the server answers to GET %s is not as long each time", of.name)
		}
	}
	return nil
}

// likeGet fails a length that is not that of GET's content, and says which of its fields HEAD lacks. Those may be left out of which the value
// is known only when the content is made (RFC 9110, 9.3.2), which cannot be seen.
func likeGet(get *http1.Answer) closer {
	return func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
		head := seen.First
		if head == nil || head.Status != get.Status {
			return "", finding.ByLevel // HSEM-1's matter
		}
		if head.Said >= 0 && head.Said != get.Size {
			return fmt.Sprintf("the answer says Content-Length: %d, and GET has %d bytes of content", head.Said, get.Size), finding.Fails
		}
		var lacks []string
		for _, f := range get.Fields {
			if len(head.Values(f.Name)) == 0 && !slices.Contains(lacks, f.Name) && !slices.Contains(framing, strings.ToLower(f.Name)) {
				lacks = append(lacks, f.Name)
			}
		}
		if len(lacks) > 0 {
			return "the server left out what it sends to GET: " + strings.Join(lacks, ", "), finding.ByLevel
		}
		return "", finding.ByLevel
	}
}

// framing are fields that HEAD need not have because GET has them.
var framing = []string{"content-length", "transfer-encoding", "trailer", "vary", "connection", "keep-alive", "date"}
