package properties

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/suite/dialect"
)

// The models of the dialects, by which the suite judges, say what the oracle says:
// the answer that is expected most, how the session ends, and which of the input is
// read by then; and what is due by then to a client that goes on, where right servers
// do not differ in it.
func TestPredict(t *testing.T) {
	for _, d := range dialect.All() {
		t.Run(d.Name(), rapid.MakeCheck(func(t *rapid.T) {
			input := requests(d.Name()).Draw(t, "input")
			ended := oracle.ByName(d.Name())(*oracle.Whole(input))
			open := oracle.ByName(d.Name())(oracle.Input{Left: input})
			p := d.Predict([]byte(input))
			if string(p.Answers[0]) != ended.Sent {
				t.Fatalf("to %.80q the dialect expects %.80q, want %.80q", input, p.Answers[0], ended.Sent)
			}
			if (p.End == dialect.ByFailure) != (ended.State == oracle.Failed) {
				t.Fatalf("%.80q ends as %d, want %v", input, p.End, ended.State)
			}
			if p.Used != len(input)-len(ended.Left) {
				t.Fatalf("of %.80q %d bytes are read, want %d", input, p.Used, len(input)-len(ended.Left))
			}
			if known := dueIsKnown(d.Name(), open); known != (p.Due != nil) || known && string(p.Due) != open.Sent {
				t.Fatalf("behind %.80q %.80q is due (%t), want %.80q (%t)", input, p.Due, p.Due != nil, open.Sent, known)
			}
			if d.Name() == "script" {
				checkScriptEnd(t, p, open, ended)
			}
		}))
	}
}

// dueIsKnown says whether one answer alone is right to a client that goes on: not behind a failure, nor behind an empty line
// of line, and not before anything has come where the server may greet.
func dueIsKnown(name string, open oracle.Session) bool {
	switch {
	case open.State == oracle.Failed:
		return false
	case name == "line":
		return open.State != oracle.Over
	case name == "greet":
		return open.Sent != ""
	}
	return true
}

// checkScriptEnd is about what script alone can: a session that the client ends
// by a command, and content that is never sent, which a server may flush.
func checkScriptEnd(t *rapid.T, p dialect.Prediction, open, ended oracle.Session) {
	over := open.State == oracle.Over
	ends := p.End == dialect.ByServer
	// A last command that has no LF is one when the client's side ends, and not before.
	if over && !ends {
		t.Fatalf("it ends as %d, and before the client's side does it is %v", p.End, open.State)
	}
	if flushed := string(p.Answers[len(p.Answers)-1]); flushed != ended.Sent+ended.Unsent {
		t.Fatalf("flushed it is %.80q, want %.80q", flushed, ended.Sent+ended.Unsent)
	}
}
