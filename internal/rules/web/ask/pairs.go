package ask

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// Learnt is that what is answered to a Member is asked for, where the control does not have it.
const Learnt = Plain(-1)

// Pairs asks every ordered pair on one connection, the second when the first was answered: it is answered as on a fresh one. What ends the
// connection, as it says, or does before the first of all, has no second.
func (a *Asker) Pairs(members []Member) *finding.Finding {
	alone := make([]*http1.Known, len(members))
	for i, m := range members {
		var f *finding.Finding
		if alone[i], f = a.fresh(m); f != nil {
			return f
		}
	}
	shown := 0
	for i, first := range members {
		for k, second := range members {
			if alone[i] == nil || alone[k] == nil || a.LeavesOut() {
				continue
			}
			followed := false
			f := a.Confirm(a.Ctx, a.Patiently(func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
				followed, f = a.behind(ctx, first, second, alone[k], k == 0, wait)
				return f
			}))
			if f != nil {
				return f
			}
			if !followed && k == 0 {
				break
			}
			if followed {
				shown++
			}
		}
	}
	if shown == 0 {
		return finding.NewNotShown("the server ends the connection behind each of the requests")
	}
	return nil
}

// behind asks two requests, and says whether the connection went on behind the first. ends is that it may end without a word.
func (a *Asker) behind(ctx context.Context, first, second Member, alone *http1.Known, ends bool, wait time.Duration) (followed bool, f *finding.Finding) {
	name := second.Name + " behind " + first.Name
	t, f := a.Service.Talk(ctx, a.Player, name, []http1.Asked{first.Asked, second.Asked}, wait,
		service.Part{Send: a.Service.Write(first.Text), Final: 1}, service.Part{Send: a.Service.Write(second.Text), Final: 2})
	const expected = "what the server answers on a fresh connection"
	switch {
	case f != nil:
		return false, f
	case len(t.Finals) == 0 && !t.Closed:
		return true, Wrong(t, finding.Fails, expected, "%s: the first was not answered", name)
	case len(t.Finals) < 2 && t.Closed && t.Rest == nil && (ends || len(t.Finals) > 0 && t.Finals[0].Has("Connection", "close")):
		return false, nil
	case len(t.Finals) < 2:
		return true, Wrong(t, finding.Fails, expected, "%s: it was not answered, or not to its end", name)
	case !alone.Is(t.Finals[1]):
		return true, Wrong(t, finding.Fails, expected, "%s: it was answered otherwise (%d) than on a fresh connection (%d)", name, t.Finals[1].Status, alone.Status)
	case len(t.Finals) > 2:
		return true, Wrong(t, finding.Fails, expected, "%s: there were more answers than two", name)
	}
	return true, nil
}

// fresh is what a Member gets on a connection of its own; nil where that is nothing, or changes.
func (a *Asker) fresh(m Member) (*http1.Known, *finding.Finding) {
	if m.Plain != Learnt {
		return m.Plain.Of(a.Service), nil
	}
	const asked = 3 // what is not the same each time varies
	var answers []*http1.Answer
	for range asked {
		seen, f := a.Alone(Shape{Name: m.Name, Text: m.Text, Asked: []http1.Asked{m.Asked}})
		if seen == nil {
			return nil, f
		}
		answers = append(answers, seen.First)
	}
	if known, same := http1.Learn(answers); same && len(answers) == asked {
		return &known, nil
	}
	return nil, nil
}
