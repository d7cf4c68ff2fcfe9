package player

import (
	"runtime"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/delivery/timeline"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/proof"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// Broken is the finding that the trial shows, in these words.
func (t *Trial) Broken(problem string) *finding.Finding {
	return t.found(finding.Broken, problem)
}

// Missing is the finding that something did not come in time, in these words.
func (t *Trial) Missing(problem string) *finding.Finding {
	if t.Answer.TimedOut {
		t.client.life.misses()
	}
	return t.found(finding.Missing, problem)
}

func (t *Trial) found(k finding.Kind, problem string) *finding.Finding {
	f := &finding.Finding{Kind: k, Problem: problem, Evidence: t.evidence(), Unplanned: t.unplanned}
	if a := t.Answer; t.delay >= patience.Delay && (a.Ending == delivery.FIN || a.Ending == delivery.RST) {
		f.Delay = t.delay
	}
	return f
}

// mostListed is how many cuts are listed as evidence; the plan has them all.
const mostListed = 64

// evidence is what was sent and received.
func (t *Trial) evidence() *report.Failure {
	a := t.Answer
	f := &report.Failure{
		Delivery: t.Plan.Describe(len(t.Session.Request)), Request: report.Excerpt(t.Session.Request, 0),
		Expected: report.Excerpt(t.expected(), a.FirstDifference), Actual: actual(a),
		FirstDifference: a.FirstDifference, Ending: string(a.Ending), Failed: 1, Runs: 1, Cost: t.cost, Timeline: t.events(),
	}
	for _, c := range t.Plan.Cuts[:min(len(t.Plan.Cuts), mostListed)] {
		f.Cuts = append(f.Cuts, c.At)
	}
	if p := t.pattern(); p != nil {
		f.Pattern = p.Words()
	}
	if a.Ending == "" {
		f.Ending = string(delivery.StillOpen)
	}
	f.Plan = t.text()
	if c := t.client; c != nil {
		f.Began, f.Raw, f.Machine = c.Began(), proof.Raw(c.Raw()), machine(t.delay)
		if a.State == delivery.Wrong || a.Ending == delivery.FIN && len(t.Session.Answers) > 0 { // else its asker tells what is right
			f.Proof = t.asked().Proof(t.timeline)
		}
	}
	return f
}

// text is the trial as the text of a plan; "" where it is more, or longer, than a plan says. What it breaks is filled in
// with the verdict.
func (t *Trial) text() string {
	const longest = 32 << 10
	named := len(t.Session.Exchanges) > 0
	if !t.whole || t.slow || !named && len(t.Session.Request) > longest || len(t.Plan.Cuts) > plan.MaxCuts {
		return ""
	}
	c := plan.Client{Cuts: t.Plan.Cuts, End: t.Plan.End}
	if _, learns := t.client.player.Dialect.(dialect.Learner); learns && !named {
		return "" // a plan names exchanges
	}
	for _, name := range t.Session.Exchanges {
		c.Requests = append(c.Requests, plan.Request{Exchange: name})
	}
	if !named && len(t.Session.Request) > 0 {
		c.Requests = []plan.Request{{Pieces: []plan.Piece{{Text: t.Session.Request}}}}
	}
	return plan.Plan{Dialect: t.client.player.Dialect.Name(), Clients: []plan.Client{c}}.String()
}

// actual excerpts what was received, around its first difference.
func actual(a delivery.Answer) report.Bytes {
	if a.Window != nil {
		return report.Bytes{Total: a.Total, Offset: a.WindowAt, Text: a.Window}
	}
	b := report.Excerpt(a.Head, a.FirstDifference)
	b.Total = a.Total
	return b
}

// events is what happened on the trial's connection, up to its answer where that was not right, else up to now; nil where it had none.
func (t *Trial) events() []report.Event {
	if t.timeline == nil && t.client != nil {
		return events(t.client.Timeline())
	}
	return events(t.timeline)
}

// events turns a connection's timeline into the report's.
func events(all []timeline.Event) []report.Event {
	out := make([]report.Event, 0, len(all))
	for _, v := range all {
		r := report.Event{
			AtUS: v.At.Microseconds(), Kind: string(v.Kind), Count: int64(v.Count), Conn: v.Conn,
			Confirmed: v.Confirmation == delivery.Confirmed, Text: report.Bytes{Total: int64(v.Count), Text: v.Bytes},
		}
		note := v.Note
		if v.Kind == timeline.KindCut {
			note = v.Confirmation.String()
		}
		if len(v.Bytes) == 0 && note != "" {
			r.Text = report.Bytes{Total: int64(len(note)), Text: []byte(note)}
		}
		out = append(out, r)
	}
	return out
}

// Halted is the finding that the server did not go on with the connection, in these words.
func (c *Client) Halted(format string, args ...any) *finding.Finding {
	f := finding.New(finding.Missing, format, args...)
	t := c.Trial(dialect.Session{}, delivery.Segments{}, 0).Took(delivery.Answer{}, nil)
	f.Evidence.Cost, f.Evidence.Timeline = t.cost, t.events()
	return f
}

// StillComing says that the connection ended while bytes came, and not after a silence.
func StillComing(all []report.Event) bool {
	var last int64
	for _, v := range all {
		switch timeline.Kind(v.Kind) {
		case timeline.KindReceive:
			last = v.AtUS
		case timeline.KindReceivedFIN, timeline.KindReceivedReset:
			return time.Duration(v.AtUS-last)*time.Microsecond < patience.Finish/4
		}
	}
	return false
}

// machine says how busy it is, and how late a client was.
func machine(late time.Duration) *report.Machine {
	load, ok := kernel.Load()
	if !ok {
		return nil
	}
	return &report.Machine{Processors: runtime.NumCPU(), Load: load, LateUS: late.Microseconds()}
}

// asked is the trial as what the order of its bytes may prove.
func (t *Trial) asked() proof.Asked {
	_, lines := t.client.player.Dialect.(dialect.LineReader)
	q := proof.Asked{Request: t.Session.Request, Sent: t.Before, Received: t.had, Wrong: -1, Closed: t.Answer.Ending == delivery.FIN, Lines: lines}
	if t.Answer.State == delivery.Wrong {
		q.Wrong = t.Answer.FirstDifference
	}
	return q
}
