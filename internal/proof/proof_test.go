package proof

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
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
			var all []timeline.Event
			for _, word := range strings.Fields(c.timeline) {
				e := timeline.Event{Kind: timeline.KindNote}
				if text, ok := strings.CutPrefix(word, "→"); ok {
					e = timeline.Event{Kind: timeline.KindSend, Bytes: []byte(strings.ReplaceAll(text, "$", "\n"))}
				}
				if text, ok := strings.CutPrefix(word, "←"); ok {
					e = timeline.Event{Kind: timeline.KindReceive, Bytes: []byte(strings.ReplaceAll(text, "$", "\n"))}
				}
				if word == "|" {
					e.Kind = timeline.KindFIN
				}
				e.Count = len(e.Bytes)
				all = append(all, e)
			}
			a := Asked{Request: []byte(request), Sent: c.before, Received: c.had, Wrong: c.wrong, Lines: c.dialect == "line"}
			if got := a.Proof(all); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			a.Wrong = -1
			if got := a.Proof(all); got != "" {
				t.Errorf("of an answer that is not wrong: %q", got)
			}
			a.Closed = true
			if got := a.Proof(all); got != c.closed {
				t.Errorf("of one that the server's closing ended: %q, want %q", got, c.closed)
			}
		})
	}
}
