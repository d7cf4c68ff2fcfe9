package properties

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// said is what the oracle says of a script session of which so much has come.
func said(input string, ended bool) oracle.Session {
	return oracle.Script(oracle.Input{Left: input, Ended: ended})
}

// A client sends commands in segments of its own choice. Whenever the handler
// waits, it has said all that is due and nothing else, and it waits just when the
// oracle does.
func TestScriptMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := play(reference.Script)
		defer w.end()
		queue, sent, ended := "", "", false
		deliver := func(n int) {
			w.send([]byte(queue[:n]))
			sent, queue = sent+queue[:n], queue[n:]
		}
		t.Repeat(map[string]func(*rapid.T){
			"part": func(t *rapid.T) {
				for queue == "" {
					queue = commands.Draw(t, "command")
				}
				if !ended {
					deliver(rapid.IntRange(1, len(queue)).Draw(t, "bytes"))
				}
			},
			"several": func(t *rapid.T) {
				queue += strings.Join(rapid.SliceOfN(commands, 1, 3).Draw(t, "commands"), "")
				if !ended {
					deliver(len(queue))
				}
			},
			"end": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "now") == 0 && !ended {
					ended = true
					w.end()
				}
			},
			"": func(t *rapid.T) {
				want := said(sent, ended)
				if got := w.got.String(); got != want.Sent {
					t.Fatalf("to %q it said %q, want %q", sent, got, want.Sent)
				}
				if w.over != (want.State != oracle.Waiting) || (w.err != nil) != (want.State == oracle.Failed) {
					t.Fatalf("to %q it is over %t, %v; want %v", sent, w.over, w.err, want.State)
				}
			},
		})
	})
}

// The other dialects say at once what is due to what has come.
func TestPromptness(t *testing.T) {
	for _, name := range []string{"echo", "greet", "line"} {
		handler, _ := reference.HandlerFor(name)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			w := play(handler)
			defer w.end()
			sent := ""
			for _, segment := range rapid.SliceOfN(pieces, 0, 12).Draw(t, "segments") {
				w.send([]byte(segment))
				sent += segment
				want := oracle.ByName(name)(oracle.Input{Left: sent})
				if got := w.got.String(); got != want.Sent || w.over != (want.State != oracle.Waiting) {
					t.Fatalf("to %.80q it said %.80q, and is over %t; want %.80q, %v", sent, got, w.over, want.Sent, want.State)
				}
			}
		}))
	}
}
