package player

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
)

// TestProof: what came before the rest was sent is told of an answer whose wrong byte was in it, and of no other.
func TestProof(t *testing.T) {
	const request = "ab\n"
	for name, c := range map[string]struct {
		dialect  string
		timeline string // of → sent and ← received bytes, | where the client ends its stream, … where events are not kept
		wrong    int64  // where the answer is
		had      int64  // received before this request
		before   int64  // sent before it
		want     string
		closed   string // where the answer is short, and the server has closed the connection
	}{
		"a line that is not over":     {"line", `→a ←a$ →b$ ←b$ |`, 1, 0, 0, `it answered "a\n" before "b\n" was sent, so it did not wait for the end of the line`, ""},
		"its wrong byte came later":   {"line", `→a ←a →b$ ←$ |`, 1, 0, 0, "", ""},
		"all came behind the request": {"line", `→a →b$ ←a$b$ |`, 1, 0, 0, "", ""},
		"and behind its end":          {"line", `→a →b$ | ←a$b$`, 1, 0, 0, "", ""},
		"before anything was sent":    {"line", `←hello →ab$ |`, 0, 0, 0, `it answered "hello" before "ab\n" was sent, so it did not wait for a request`, ""},
		"the rest was not sent":       {"line", `→a ←a$`, 1, 0, 0, "", `it closed the connection before "b\n" was sent, so it did not wait for the end of the line`},
		"no dialect of lines":         {"greet", `→a ←a →b$ |`, 0, 0, 0, `it answered "a" before "b\n" was sent, so it did not wait for the rest of the message`, ""},
		"behind another request":      {"line", `→x$ ←x$ →a ←a$ →b$ |`, 1, 2, 2, `it answered "a\n" before "b\n" was sent, so it did not wait for the end of the line`, ""},
		"events are missing":          {"line", `→a … ←a$ →b$ |`, 1, 0, 0, "", ""},
		"long ones are cut":           {"line", `→a ←` + strings.Repeat("y", 40) + ` →b$ |`, 0, 0, 0, `it answered "` + strings.Repeat("y", 24) + `"… (40 bytes) before "b\n" was sent, so it did not wait for the end of the line`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var timeline []delivery.Event
			for _, word := range strings.Fields(c.timeline) {
				e := delivery.Event{Kind: delivery.KindNote}
				if text, ok := strings.CutPrefix(word, "→"); ok {
					e = delivery.Event{Kind: delivery.KindSend, Bytes: []byte(strings.ReplaceAll(text, "$", "\n"))}
				}
				if text, ok := strings.CutPrefix(word, "←"); ok {
					e = delivery.Event{Kind: delivery.KindReceive, Bytes: []byte(strings.ReplaceAll(text, "$", "\n"))}
				}
				if word == "|" {
					e.Kind = delivery.KindFIN
				}
				e.Count = len(e.Bytes)
				timeline = append(timeline, e)
			}
			speaks, _ := dialect.Lookup(c.dialect)
			trial := &Trial{
				client:  &Client{player: &Player{Server: &Server{Dialect: speaks}}},
				Session: dialect.Session{Request: []byte(request), Answers: [][]byte{[]byte("ab\n")}}, had: c.had, Before: c.before,
				Answer: delivery.Answer{State: delivery.Wrong, FirstDifference: c.wrong},
			}
			if got := trial.proof(timeline); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			trial.Answer.State = delivery.Short
			if got := trial.proof(timeline); got != "" {
				t.Errorf("of an answer that is not wrong: %q", got)
			}
			trial.Answer.Ending = delivery.FIN
			if got := trial.proof(timeline); got != c.closed {
				t.Errorf("of one that the server's closing ended: %q, want %q", got, c.closed)
			}
		})
	}
}
