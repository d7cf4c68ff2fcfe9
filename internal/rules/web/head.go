package web

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// What the families of the head share: how their messages are written, and what they look at. A look is asked of what passed.

// lined is a GET of this request line.
func lined(line string) string { return line + "\nHost: {H}\n{F}\n" }

// fielded is a GET of P with these field lines.
func fielded(lines string) string { return "GET {P} HTTP/1.1\nHost: {H}\n{F}" + lines + "\n\n" }

// probed is a GET, of what repeats its fields where something does, with these field lines.
func probed(lines string) string { return "GET {T} HTTP/1.1\nHost: {H}\n{F}" + lines + "\n\n" }

// The requests that are not one GET.
var (
	byOld  = []http1.Asked{{Old: true}}
	byHead = []http1.Asked{{Head: true}}
)

// endedBy writes a text with another line end everywhere.
func endedBy(end, text string) func(*service.Service) []byte {
	return func(s *service.Service) []byte { return bytes.ReplaceAll(s.Write(text), []byte("\r\n"), []byte(end)) }
}

// What is refused may end without an answer, where no status is asked for.
var refusedOrEnded = slices.Concat(ask.Refusals, []service.Reading{service.Dropped})

// answered wants the answer of a plain request. What follows is no matter: a server may end a connection.
func answered() ask.Want {
	return ask.Want{Pass: []service.Reading{service.Taken, service.Alone}, Info: []service.Reading{service.Stopped}}
}

// rejected wants a refusal of whatever status.
func rejected() ask.Want { return ask.Want{Pass: refusedOrEnded} }

// takenOrRefused takes an answer and a refusal, says which it was, and wants that what follows is answered where the message was not refused.
func takenOrRefused() ask.Want {
	return ask.Want{Info: slices.Concat([]service.Reading{service.Taken, service.Otherwise, service.Alone}, refusedOrEnded)}
}

// notRepaired wants a refusal; an answer is looked at by unless301.
func notRepaired() ask.Want {
	return ask.Want{Pass: slices.Concat(refusedOrEnded, ask.Answers), Info: []service.Reading{service.Garbled}}.In("a refusal, 301, or the end of the connection")
}

// tooLarge takes an answer and a refusal; what a refusal says is looked at by sizeRefused. An end without an answer is warned of.
func tooLarge() ask.Want {
	return ask.Want{Pass: slices.Concat(ask.Answers, ask.Refusals), Warn: []service.Reading{service.Dropped}}.In("an answer, or a refusal")
}

// sizeRefused says how a message counts that is larger than a server wants: any 4xx will do, and this status is the one for it.
func sizeRefused(status string) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
		switch st := seen.Status(); {
		case !slices.Contains(ask.Refusals, seen.Reading), st == status:
			return "", finding.ByLevel
		case st[0] == '4':
			return fmt.Sprintf("the server refused it with %s, and not with %s", st, status), finding.ByLevel
		default:
			return fmt.Sprintf("the server answered %s to what is too large for it, and not %s", st, status), finding.Warns
		}
	}
}

// bothLooks looks twice, and returns what is found first.
func bothLooks(a, b func(*service.Service, *service.Seen) (string, finding.Grade)) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if problem, g := a(s, seen); problem != "" {
			return problem, g
		}
		return b(s, seen)
	}
}

// unless301 warns of answers that neither refuse a message nor lead to where it is rightly written.
func unless301(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	if slices.Contains(ask.Answers, seen.Reading) && seen.First.Status != 301 {
		return fmt.Sprintf("the server %s (%s)", seen.Reading, seen.Status()), finding.Warns
	}
	return "", finding.ByLevel
}

// toldTo is what a server that repeats its request's fields repeated; ok is false where there is none, or it said something else.
func toldTo(s *service.Service, seen *service.Seen) (content string, ok bool) {
	if s.Tells == "" || seen.First == nil || !s.Told.Is(seen.First) {
		return "", false
	}
	return string(seen.First.Content), true
}

// The value of X-Probe by which it shows how a server has read what stands between the two.
const (
	leftEnd  = "streamspec-left"
	rightEnd = "streamspec-rightEnd"
)

var apart = regexp.MustCompile(leftEnd + " +" + rightEnd)

// between is a value with something in its middle.
func between(what string) string { return "X-Probe: " + leftEnd + what + rightEnd }

// toldAs is how a server has read a value with something in its middle: as one with spaces there, or as it was sent, or otherwise.
func toldAs(content, what string) (as string) {
	switch {
	case apart.MatchString(content):
		return "space"
	case strings.Contains(content, leftEnd+what+rightEnd):
		return "kept"
	case strings.Contains(content, leftEnd+rightEnd):
		return "dropped"
	case strings.Contains(content, leftEnd):
		return "cut"
	}
	return ""
}

// becomesSpace fails what is told of such a value where it does not have spaces for what is in its middle. What is not told, is said.
func becomesSpace(what, name string) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		content, ok := toldTo(s, seen)
		if !slices.Contains(ask.Answers, seen.Reading) {
			return "", finding.ByLevel
		}
		as := toldAs(content, what)
		switch {
		case !ok || as == "":
			return fmt.Sprintf("the server %s; whether it read %s as a space does not show", seen.Reading, name), finding.ByLevel
		case as == "space":
			return "", finding.ByLevel
		case as == "kept":
			return fmt.Sprintf("the server neither refused it nor read %s as a space: it kept it in the value", name), finding.Fails
		case as == "dropped":
			return fmt.Sprintf("the server neither refused it nor read %s as a space: it left it out of the value", name), finding.Fails
		}
		return fmt.Sprintf("the server neither refused it nor read %s as a space: it took for the value only what stands before it", name), finding.Fails
	}
}

// isSaid says what became of such a value.
func isSaid(what, name string) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		words := map[string]string{"space": "read it as a space", "kept": "kept it in the value", "dropped": "left it out of the value", "cut": "took for the value only what stands before it"}
		if content, ok := toldTo(s, seen); ok && words[toldAs(content, what)] != "" {
			return fmt.Sprintf("the server took %s, and %s", name, words[toldAs(content, what)]), finding.ByLevel
		}
		return "", finding.ByLevel
	}
}

// probeIs holds that a field X-Probe of a value, which was asked for, is among those that are told.
func probeIs(value string) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if content, ok := toldTo(s, seen); ok && !strings.Contains(content, value) {
			return "the server answered as it answers a plain request, and left a field out, or a part of it", finding.Fails
		}
		return "", finding.ByLevel
	}
}

// probeIsNot holds that it is not.
func probeIsNot(value, problem string) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if content, ok := toldTo(s, seen); ok && strings.Contains(content, value) {
			return problem, finding.Fails
		}
		return "", finding.ByLevel
	}
}
