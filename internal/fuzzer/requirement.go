package fuzzer

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// requirement names what a plan breaks that was made as small as it can be: what is left in it is what the failure needs.
func (w worker) requirement(p plan.Plan, b *finding.Finding) string {
	c := p.Clients[0]
	switch {
	case len(p.Clients) > 1:
		return "CONC-1"
	case c.End == delivery.Reset && b.Evidence.Actual.Total > 0:
		return "CONC-1" // the next client got what was not its own
	case c.End == delivery.Reset:
		return "LIFE-5"
	case slices.ContainsFunc(c.Cuts, func(cut delivery.Cut) bool { return cut.Pause > 0 }):
		return "FRAM-7"
	case c.Exchanges() && len(c.Cuts) > 0:
		return "FRAM-2"
	case len(c.Cuts) > 0:
		return cutRequirement(c)
	case c.Exchanges() && len(c.Requests) > 1:
		return "FRAM-4"
	case c.Exchanges():
		return "FRAM-1"
	}
	switch w.run.Dialect().(type) {
	case dialect.Line, dialect.Script:
		return textRequirement(w.run.Dialect().(dialect.Model), c, *b.Evidence)
	}
	return bytesRequirement(c)
}

// cutRequirement is what cuts break.
func cutRequirement(c plan.Client) string {
	b := c.Bytes()
	delicate := append(dialect.CRLFSplits(b), dialect.CharacterSplits(b)...)
	switch {
	case !slices.ContainsFunc(c.Cuts, func(cut delivery.Cut) bool { return !slices.Contains(delicate, cut.At) }):
		return "FRAM-6"
	case len(c.Cuts) == 1:
		return "FRAM-2"
	}
	return "FRAM-3"
}

// bytesRequirement is what a request without cuts breaks at a server that carries any bytes.
func bytesRequirement(c plan.Client) string {
	b := c.Bytes()
	switch {
	case c.End == delivery.HalfCloseWithData:
		return "CLOS-1"
	case len(b) > 256 || !utf8.Valid(b) || bytes.ContainsFunc(b, odd):
		return "FRAM-8"
	}
	return "FRAM-1"
}

// odd says whether a character is one that a server of text could handle by itself.
func odd(r rune) bool { return r < ' ' && r != '\n' && r != '\r' || r >= 0x7f }

// textRequirement is what a request without cuts breaks at a server of lines or commands.
func textRequirement(m dialect.Model, c plan.Client, came report.Failure) string {
	b := c.Bytes()
	p := m.Predict(b)
	end := p.End
	_, script := m.(dialect.Script)
	switch {
	case end == dialect.ByFailure && !utf8.Valid(b):
		return "CODE-3"
	case end == dialect.ByFailure && p.Used < len(b) && !utf8.RuneStart(b[p.Used]):
		return "CODE-6" // a limit ends inside of a character
	case end == dialect.ByFailure:
		return "LIFE-4"
	case c.End == delivery.HalfCloseWithData:
		return "CLOS-1"
	case script && came.FirstDifference == came.Expected.Total && came.Actual.Total > came.Expected.Total:
		return "SEND-3" // more came than was sent
	case len(b) >= dialect.LineLimit:
		return "LINE-5"
	case len(b) > 256:
		return "FRAM-8"
	}
	if r := oddText(b); r != "" {
		return r
	}
	switch {
	case len(b) > 0 && !script && b[len(b)-1] != '\n':
		return "LINE-4"
	case !script && bytes.Count(b, []byte("\n")) > 1:
		return "FRAM-4"
	case script && bytes.Contains(b, []byte("READ ")):
		return "READ-1"
	case script && bytes.Count(b, []byte("SEND")) > 1:
		return "SEND-2"
	}
	return "FRAM-1"
}

// oddText is what the oddest thing in a text is about; "" where nothing in it is odd.
func oddText(b []byte) string {
	text := string(b)
	switch {
	case strings.ContainsAny(text, "\u0085\u2028\u2029\u00a0\u3000\ufeff"):
		return "LINE-10"
	case strings.ContainsAny(text, "\u0301\uff21\uff11\ufb01"):
		return "CODE-5"
	case strings.ContainsFunc(text, func(r rune) bool { return r > 0xffff }):
		return "CODE-4"
	case strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 }):
		return "CODE-1"
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\v\f\r", r) || r == 0x7f }):
		return "LINE-7"
	case crInside(text):
		return "LINE-9"
	case strings.Contains(text, "\r\n"):
		return "LINE-3"
	case strings.ContainsAny(text, "\t\v\f\r") || spaced(text):
		return "LINE-2"
	}
	return ""
}

// crInside says whether a line has a CR inside, where it is not stripped.
func crInside(text string) bool {
	for line := range strings.Lines(text) {
		if strings.Contains(strings.Trim(line, " \t\n\v\f\r"), "\r") {
			return true
		}
	}
	return false
}

// spaced says whether a line begins or ends with a space.
func spaced(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); strings.TrimSpace(line) != line {
			return true
		}
	}
	return false
}

// evidenceOf is the evidence of a plan after which nothing is answered any more.
func evidenceOf(p plan.Plan, request []byte) report.Failure {
	c := p.Clients[0]
	f := report.Failure{Delivery: c.Delivery().Describe(len(request)), Request: report.Excerpt(request, 0), FirstDifference: -1, Failed: 1, Runs: 1}
	for i, cut := range c.Cuts {
		if i == 64 {
			break
		}
		f.Cuts = append(f.Cuts, cut.At)
	}
	return f
}
