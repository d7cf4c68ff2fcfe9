package due_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/suite/dialect"
)

// conn is the name of a connection.
const conn = "cab0000001"

// shown is what is due, as rounds and the rest: up to which byte, what is sent, and what must come.
func shown(d due.Client) string {
	var all []string
	for _, r := range d.Rounds {
		t := r.Turn
		if t.Bind != nil {
			t = t.Bind(conn)
		}
		all = append(all, fmt.Sprintf("%d %q %q", r.To, t.Request, t.Pattern()))
	}
	s := d.Rest
	if s.Bind != nil {
		s = s.Bind(conn)
	}
	for i := range s.Answers {
		all = append(all, fmt.Sprintf("%q %q", s.Request, s.Pattern(i)))
	}
	return strings.Join(all, ", ")
}

// TestDueTo holds what clients of the dialects that predict are owed at each await, and behind the last.
func TestDueTo(t *testing.T) {
	for _, c := range []struct {
		d       dialect.Dialect
		request string
		awaits  []int
		end     delivery.ClientEnd
		want    string
	}{
		{dialect.Line{}, "a\nb\n", nil, delivery.HalfClose, `"a\nb\n" "a\nb\n"`},
		{dialect.Line{}, "a\nb\n", []int{2}, delivery.HalfClose, `2 "a\n" "a\n", "b\n" "b\n"`},
		{dialect.Line{}, "a\nb\n", []int{3}, delivery.HalfClose, `3 "a\nb" "a\n", "\n" "b\n"`},
		{dialect.Line{}, "a\nb\n", []int{1, 2, 3, 4}, delivery.HalfClose, `2 "a\n" "a\n", 4 "b\n" "b\n", "" ""`},
		{dialect.Line{}, "a\nb\n", []int{1}, delivery.HalfClose, `"a\nb\n" "a\nb\n"`}, // nothing is due by then
		{dialect.Line{}, "a\nb", nil, delivery.Open, `3 "a\nb" "a\n", "" "b\n"`},
		{dialect.Line{}, "a\nb", []int{3}, delivery.Open, `3 "a\nb" "a\n", "" "b\n"`},
		{dialect.Line{}, "a\n\xc3", []int{3}, delivery.HalfClose, `3 "a\n\xc3" "a\n", "" ""`},
		{dialect.Line{}, "a\n\nb\n", []int{2}, delivery.HalfClose, `2 "a\n" "a\n", "\nb\n" "", "\nb\n" "\nb\n", "\nb\n" "b\n"`},
		{dialect.Line{}, "a\n\nb\n", []int{3}, delivery.HalfClose, "behind byte 3: more than one answer is right by then, and there is no one to wait for"},
		{dialect.Line{}, "\xff\nb\n", []int{2}, delivery.HalfClose, "behind byte 2: a handler has failed by then, and there is no answer to wait for"},
		{dialect.Echo{}, "ab", []int{1}, delivery.HalfClose, `1 "a" "a", "b" "b"`},
		{dialect.Greet{}, "ab", []int{1}, delivery.Open, `1 "a" "I am the server,I have got it:\na", 2 "b" "b", "" ""`},
		{dialect.Script{}, "WRITE a\nSEND\nWRITE b\nSEND", []int{15}, delivery.HalfClose, `15 "WRITE a\nSEND\nWR" "a", "ITE b\nSEND" "b"`},
	} {
		p := plan.Plan{Dialect: c.d.Name(), Clients: []plan.Client{{Requests: []plan.Request{plan.Of(c.request)}, Awaits: c.awaits, End: c.end}}}
		due, err := due.To(c.d, p)
		got := ""
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "client 1: ")
		} else {
			got = shown(due[0])
		}
		if got != c.want {
			t.Errorf("%s, %q, %v, %s:\n%s\nwant\n%s", c.d.Name(), c.request, c.awaits, c.end, got, c.want)
		}
	}
}

// TestDueToExchanges holds what a client of an exchange file is owed: the answers to the exchanges that are whole by an await.
func TestDueToExchanges(t *testing.T) {
	f, err := exchange.Parse("f", []byte(`protocol: x
greeting: {lines: 1}
exchanges:
  - {name: ask, send: "ask {{conn}}\n", expect: {pattern: '[a-z0-9]{10} [0-9]+\n'}, pipelines: true}
  - {name: bye, send: "bye\n", pipelines: true}
  - {name: alone, send: "alone\n"}
`))
	if err != nil {
		t.Fatal(err)
	}
	answers := func(p exchange.Part, conn string) string {
		switch {
		case len(p.Send) == 0:
			return "hi\n"
		case strings.HasPrefix(string(p.Send), "ask"):
			return conn + map[bool]string{true: " 7\n", false: " 42\n"}[strings.HasSuffix(conn, "0")]
		}
		return strings.ToUpper(string(p.Send))
	}
	l := exchange.NewLearner(f)
	for i := range f.Messages {
		for n := range 2 {
			c := fmt.Sprintf("cab%07d", n)
			for _, p := range l.Conversation(i, c) {
				l.Heard(p.Place, exchange.Names{"conn": c}, []byte(answers(p, c)))
			}
		}
	}
	d, err := l.Dialect("x")
	if err != nil {
		t.Fatal(err)
	}
	const ask = `"‹pattern›`
	for _, c := range []struct {
		names  string
		awaits []int
		want   string
	}{
		{"ask bye", nil, `"ask cab0000001\nbye\n" ` + ask + `BYE\n"`},
		{"ask bye", []int{15}, `15 "ask cab0000001\n" ` + ask + `", "bye\n" "BYE\n"`},
		{"ask bye", []int{17}, `17 "ask cab0000001\nby" ` + ask + `", "e\n" "BYE\n"`},
		{"ask bye", []int{14}, `"ask cab0000001\nbye\n" ` + ask + `BYE\n"`}, // nothing is due by then
		{"bye ask bye", []int{5, 19, 20}, `5 "bye\na" "BYE\n", 19 "sk cab0000001\n" ` + ask + `", "bye\n" "BYE\n"`},
		{"bye bye", []int{8}, `8 "bye\nbye\n" "BYE\nBYE\n", "" ""`},
		{"bye bye", []int{9}, "an await is behind byte 9, and 8 are sent"},
		{"bye alone", []int{4}, `the exchange "alone" cannot be sent together with others`},
	} {
		client := plan.Client{Awaits: c.awaits}
		for name := range strings.FieldsSeq(c.names) {
			client.Requests = append(client.Requests, plan.Request{Exchange: name})
		}
		due, err := due.To(d, plan.Plan{Dialect: "x", Clients: []plan.Client{client}})
		got := ""
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "client 1: ")
		} else {
			got = shown(due[0])
			if opening := due[0].Rest.Bind(conn).Opening; (len(opening) == 0) != (len(due[0].Rounds) > 0) {
				t.Errorf("%s, %v: the rest opens its connection by %d turns", c.names, c.awaits, len(opening))
			}
		}
		if got != c.want {
			t.Errorf("%s, %v:\n%s\nwant\n%s", c.names, c.awaits, got, c.want)
		}
	}
}
