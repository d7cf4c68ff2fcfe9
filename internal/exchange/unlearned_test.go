package exchange_test

import (
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
)

// TestUnlearned: of a file of which nothing was learned there is no message to send, whatever is asked for; a plain session says nothing, and
// takes whatever the server says.
func TestUnlearned(t *testing.T) {
	for name, text := range map[string][]string{
		"one message": {"exchanges: [{send: a}]"},
		"everything":  everything,
		"a growing one": {"greeting: {lines: 1}", "pipelines: true", "exchanges:",
			"  - {name: long, send: [\"PUT \", {length: decimal, then: \"\\n\", of: {grow: {from: 0, to: 9000}}}], expect: \"ok\\n\"}"},
	} {
		t.Run(name, func(t *testing.T) {
			d := exchange.New(parsed(t, text...), "some.yaml")
			for _, s := range []dialect.Session{d.Plain("a"), d.Ending("a")} {
				if len(s.Request)+len(s.Opening)+len(s.Closing)+len(s.Answer()) > 0 || s.Bind != nil || s.End != dialect.ByLeaving || !s.Pattern(0).Matches([]byte("220 some\r\n\x00\xff")) || !s.Unasked.Matches([]byte("\n")) {
					t.Errorf("a plain session is %s", shown(s))
				}
			}
			if all := d.Closing(""); len(all)+len(d.Cuttable())+len(d.Controls())+len(d.Marked())+len(d.Lengthy(0)) > 0 {
				t.Errorf("there are sessions: %v", all)
			}
			if len(d.Turns("", 3))+len(d.Opening("c"))+len(d.Batches())+len(d.Followed(1))+len(d.Growers()) > 0 {
				t.Errorf("there are turns, or what is made of them: %v, %v", d.Turns("", 3), d.Opening("c"))
			}
			if s := d.Joined(nil); len(s.Request)+len(s.Opening) > 0 {
				t.Errorf("no turns joined are %s", shown(s))
			}
			if b := d.Fill("", 10, 10); len(b.Starts) > 0 {
				t.Errorf("filled with %d messages", len(b.Starts))
			}
			if _, n := d.Amass(1<<20, 9); n != 0 {
				t.Errorf("amassed %d messages", n)
			}
			if requests, answers := d.Burst("c", 1); len(requests)+answers > 0 {
				t.Errorf("a burst of %q", requests)
			}
			if _, _, ok := d.Grows(); ok {
				t.Error("a message grows")
			}
			if head, more := d.Endless("c"); len(head)+len(more) > 0 {
				t.Errorf("an endless message of %q", head)
			}
			if s := d.HalfClosed(d.Plain("")); s.End != dialect.ByClient || len(s.Request) > 0 {
				t.Errorf("half-closed it is %s", shown(s))
			}
			if _, err := d.Named([]string{d.File.Messages[0].Name}); err == nil {
				t.Error("a message that was not learned can be named")
			}
		})
	}
}
