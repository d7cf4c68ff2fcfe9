package ask

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/player"
)

// A Member is one of several requests on a connection.
type Member struct {
	Name  string
	Text  string // in the notation of [http1.Target.Write]
	Asked http1.Asked
	Plain Plain
}

// InTurn does one step after another, up to one that fails or is not done, and returns the gravest of what was found. What a server does not
// have for a step is said.
func InTurn(a *Asker, steps ...func(*Asker) *finding.Finding) (worst *finding.Finding) {
	for _, step := range steps {
		switch f := step(a); {
		case f.Is(finding.NotShown):
			a.Observe("in part: %s", f.Problem)
		case f != nil && (!f.Failed() || f.Grade == finding.Fails):
			return f
		case f != nil && worst == nil:
			worst = f
		}
	}
	return worst
}

// Wrong is the finding that a talk shows. What may still come is asked for again.
func Wrong(t *service.Talk, g finding.Grade, expected, format string, args ...any) *finding.Finding {
	f := t.Trial.Broken(fmt.Sprintf(format, args...))
	if t.Silent {
		f = t.Trial.Missing(f.Problem)
	}
	f.Grade, f.Evidence.Pattern = g, expected
	f.Evidence.Cost += player.CostOfClient * int64(max(0, len(t.Heard)-1)) // a further turn is as much to follow
	return f
}

// Pipeline sends these requests in one segment, and where it is to be cut, in two, cut at every byte.
func (a *Asker) Pipeline(name string, cut bool, members ...Member) *finding.Finding {
	var text strings.Builder
	var asked []http1.Asked
	for _, m := range members {
		text.WriteString(m.Text)
		asked = append(asked, m.Asked)
	}
	b := a.Service.Write(text.String())
	said := ""
	try := func(how delivery.Segments) *finding.Finding {
		return a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) *finding.Finding {
			t, f := a.Service.Talk(ctx, a.Player, name, asked, wait, service.Part{Send: b, How: how, Final: len(members)})
			if f == nil {
				f, said = inOrder(a, t, name, members)
			}
			return f
		}))
	}
	f := try(delivery.Whole())
	if said != "" {
		a.Say(name, said)
	}
	for at := 1; f == nil && cut && at < len(b) && a.Framed(); at++ {
		if !a.LeavesOut() {
			f = try(delivery.CutAt(at))
		}
	}
	return f
}

// inOrder finds what is wrong with the answers to a pipeline, or says what is to be said of them.
func inOrder(a *Asker, t *service.Talk, name string, members []Member) (f *finding.Finding, said string) {
	expected := fmt.Sprintf("%d answers, in the order of the requests", len(members))
	n := len(t.Finals)
	for i, one := range t.Finals[:min(n, len(members))] {
		if m := members[i]; !m.Plain.Of(a.Service).Is(one) {
			return Wrong(t, finding.Fails, expected, "%s: answer %d (%d) is not the one to request %d (%s)", name, i+1, one.Status, i+1, m.Name), ""
		}
	}
	switch {
	case n > len(members) || t.Rest != nil && t.Rest.Flawed(http1.NoStatusLine) != nil:
		return Wrong(t, finding.Fails, expected, "%s: more came than %d answers", name, n), ""
	case n == len(members):
		return nil, ""
	case t.Closed && n > 0 && t.Finals[n-1].Has("Connection", "close"):
		return nil, fmt.Sprintf("the server ended the connection behind answer %d, which says so", n)
	case t.Closed:
		return Wrong(t, finding.Warns, expected, "%s: the server answered %d of %d requests, and ended the connection", name, n, len(members)), ""
	}
	return Wrong(t, finding.Fails, expected, "%s: the server answered %d of %d requests, and left the connection open", name, n, len(members)), ""
}
