package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/suite/dialect"
)

const conn = "c000000000"

// parsed is a file of these lines.
func parsed(t *testing.T, lines ...string) *exchange.File {
	t.Helper()
	f, err := exchange.Parse("f", []byte("protocol: x\n"+strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// told lets the learner hear, on two connections, what answer says of each part of every conversation.
func told(l *exchange.Learner, answer func(p exchange.Part, conn string) string) *exchange.Learner {
	for i := range l.File().Messages {
		for n := range 2 {
			c := fmt.Sprintf("cab%07d", n)
			for _, p := range l.Conversation(i, c) {
				l.Heard(p.Place, exchange.Names{"conn": c}, []byte(answer(p, c)))
			}
			if p, ok := l.Leaving(c); ok {
				l.Heard(p.Place, exchange.Names{"conn": c}, []byte(answer(p, c)))
			}
		}
	}
	return l
}

// shout answers what was sent in capitals; it greets.
func shout(p exchange.Part, _ string) string {
	if len(p.Send) == 0 {
		return "HELLO\n"
	}
	return strings.ToUpper(string(p.Send))
}

func learnt(t *testing.T, l *exchange.Learner) *exchange.Dialect {
	t.Helper()
	d, err := l.Dialect("name")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shown is a session in one line: opening, request and answer, closing, farewell.
func shown(s dialect.Session) string {
	turns := func(turns []dialect.Turn) string {
		var all []string
		for _, t := range turns {
			all = append(all, fmt.Sprintf("%q %q", t.Request, t.Pattern()))
		}
		return strings.Join(all, ", ")
	}
	var answers []string
	for i := range s.Answers {
		answers = append(answers, fmt.Sprintf("%q", s.Pattern(i)))
	}
	text := fmt.Sprintf("%s [%s] %q %s [%s] end %d", s.Name, turns(s.Opening), s.Request, strings.Join(answers, " or "), turns(s.Closing), s.End)
	if s.Farewell != nil {
		text += " " + turns([]dialect.Turn{*s.Farewell})
	}
	return text
}

// everything is a file that has all that a conversation can have.
var everything = []string{
	"greeting: whatever", "setup: [{send: \"user\\n\"}, {send: \"pass {{conn}}\\n\"}]", "pipelines: true", "leave: {send: \"quit\\n\"}",
	"exchanges:",
	"  - {name: long, send: \"longer\\n\"}",
	"  - {name: short, send: \"{{conn}}\"}",
	"  - {name: after, before: [{send: \"one\\n\"}, {send: \"two\\n\"}], send: \"three\\n\"}",
	"  - {name: once, send: \"o\\n\", once: true}",
	"  - {name: alone, send: \"al\\n\", pipelines: false}",
	"  - {name: last, send: \"bye\\n\", closes: true}",
}

// TestConversation holds what is said about a message: the opening, what comes before it, and itself twice where it may be.
func TestConversation(t *testing.T) {
	l := exchange.NewLearner(parsed(t, everything...))
	for i, want := range []string{
		`the greeting "", step 1 of the set-up "user\n", step 2 of the set-up "pass c000000000\n", "long" "longer\n", "long" "longer\n"`,
		`the greeting "", step 1 of the set-up "user\n", step 2 of the set-up "pass c000000000\n", "short" "c000000000", "short" "c000000000"`,
		`the greeting "", step 1 of the set-up "user\n", step 2 of the set-up "pass c000000000\n", step 1 before "after" "one\n", step 2 before "after" "two\n", "after" "three\n", step 1 before "after" "one\n", step 2 before "after" "two\n", "after" "three\n"`,
		`the greeting "", step 1 of the set-up "user\n", step 2 of the set-up "pass c000000000\n", "once" "o\n"`,
	} {
		var all []string
		places := map[exchange.Place]bool{}
		for _, p := range l.Conversation(i, conn) {
			all = append(all, fmt.Sprintf("%s %q", p.What, p.Send))
			places[p.Place] = true
		}
		if got := strings.Join(all, ", "); got != want {
			t.Errorf("message %d:\n%s\nwant\n%s", i, got, want)
		}
		if want := 4 + 2*len(l.File().Messages[i].Before)/2; len(places) != want {
			t.Errorf("message %d has %d places, not %d", i, len(places), want)
		}
	}
	for greeting, want := range map[string]bool{"{lines: 1}": true, "whatever": false} {
		if p := exchange.NewLearner(parsed(t, "greeting: "+greeting, "exchanges: [{send: a}]")).Conversation(0, conn)[0]; (p.Expect != nil) != want || want && !p.Expect.Matches([]byte("hi\n")) {
			t.Errorf("a greeting of %s must be %q", greeting, p.Expect)
		}
	}
	if p, ok := l.Leaving(conn); !ok || string(p.Send) != "quit\n" {
		t.Errorf("%+v", p)
	}
	if _, ok := exchange.NewLearner(parsed(t, "exchanges: [{send: a}]")).Leaving(conn); ok {
		t.Error("a client says something to leave")
	}
}

// TestLearner holds the sessions of a file of which all was learned.
func TestLearner(t *testing.T) {
	d := learnt(t, told(exchange.NewLearner(parsed(t, everything...)), shout))
	const closing = `["quit\n" "QUIT\n"] end 3`
	if d.Name() != "name" || d.Summary() != "speaks x" || len(d.Unusable()) != 0 {
		t.Errorf("%s, %s, %v", d.Name(), d.Summary(), d.Unusable())
	}
	var names []string
	for _, s := range d.Cuttable() {
		names = append(names, s.Name)
	}
	if want := []string{`"once"`, `"alone"`, `"last"`, `"after"`, `"long"`, `"short"`}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	if s := d.Plain("id"); s.Name != `"long"` || d.Ending("id").Name != s.Name || s.End != dialect.ByLeaving || len(s.Opening) != 3 || len(s.Closing) != 1 || s.Farewell != nil {
		t.Errorf("%s", shown(s))
	}
	if got := d.Pipelined(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("%v", got)
	}
	if s, _ := d.Each(); string(s.Bind(conn).Request) != "longer\n"+conn {
		t.Errorf("%s", shown(s.Bind(conn)))
	}
	if s, ok := d.Each(); !ok || string(s.Request) != "longer\n"+strings.Repeat("c", 10) || s.Name != "2 requests" {
		t.Errorf("%s", shown(s.Session))
	}
	if s := d.Copies(0, 3); string(s.Request) != strings.Repeat("longer\n", 3) || string(s.Answer()) != strings.Repeat("LONGER\n", 3) || s.Name != `3 times "long"` || len(s.Exchanges) != 3 {
		t.Errorf("%s", shown(s))
	}
	if s := d.Copies(2, 1); len(s.Opening) != 5 || string(s.Opening[3].Request) != "one\n" || string(s.Opening[4].Answer) != "TWO\n" || s.Name != `"after"` {
		t.Errorf("%s", shown(s))
	}
	if s := d.Copies(5, 1); s.End != dialect.ByServer || s.Closing != nil {
		t.Errorf("%s", shown(s))
	}
	if turns := d.Turns("id", 3); len(turns) != 3 || string(turns[2].Answer) != "LONGER\n" || string(turns[0].Bind(conn).Request) != "longer\n" {
		t.Errorf("%v", turns)
	}
	for _, c := range []struct {
		names []string
		want  string // the request, or the error
	}{
		{[]string{"long"}, "longer\n"}, {[]string{"short", "long"}, strings.Repeat("c", 10) + "longer\n"}, {[]string{"once"}, "o\n"}, {[]string{"after"}, "three\n"},
		{[]string{"once", "long"}, `the exchange "once" cannot be sent together with others`}, {[]string{"none"}, `the file has no exchange "none"`}, {nil, "no exchange is named"},
	} {
		s, err := d.Named(c.names)
		got := string(s.Request)
		if err != nil {
			got = err.Error()
		} else if !slices.Equal(s.Exchanges, c.names) || !slices.Equal(s.Bind(conn).Exchanges, c.names) {
			t.Errorf("%q: the session is of %q", c.names, s.Exchanges)
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.names, got, c.want)
		}
	}
	if got := shown(d.HalfClosed(d.Plain("")).Bind(conn)); !strings.HasSuffix(got, `"LONGER\n" [] end 0`) {
		t.Error(got)
	}
	if got := shown(d.HalfClosed(d.Copies(5, 1))); !strings.HasSuffix(got, `"BYE\n" [] end 1`) {
		t.Error(got)
	}
	if got := shown(d.Plain("").Bind(conn)); !strings.HasSuffix(got, closing) || !strings.Contains(got, `"pass c000000000\n"`) {
		t.Error(got)
	}
	for n, want := range map[int]int{0: 0, 1: 1, 2: 1, 3: 2, 6: 4} {
		if got := d.Beginning(make([]byte, n)); len(got) != want {
			t.Errorf("the beginning of %d bytes has %d", n, len(got))
		}
	}
	f := exchange.New(parsed(t, "exchanges: [{send: a}]"), "new")
	if _, err := f.Named([]string{"exchange 1"}); f.Name() != "new" || len(f.Cuttable()) != 0 || err == nil {
		t.Error("a dialect of which nothing was learned has sessions")
	}
	one := learnt(t, told(exchange.NewLearner(parsed(t, "pipelines: true", "exchanges: [{send: a}]")), shout))
	if _, ok := one.Each(); ok {
		t.Error("one message is sent together with others")
	}
	// Where something comes before every message, the first that is stable is the plain one.
	for bad, want := range []string{`"0"`, `"1"`, `"2"`} {
		l := told(exchange.NewLearner(parsed(t, "exchanges:", "  - {name: '0', before: [{send: a}], send: b}", "  - {name: '1', before: [{send: a}], send: cc}", "  - {name: '2', before: [{send: a}], send: d}")), shout)
		for i := range bad {
			l.Fail(i, errors.New("bad"))
		}
		if s := learnt(t, l).Plain(""); s.Name != want {
			t.Errorf("%s", shown(s))
		}
	}
}

// TestUnstableMessages holds that a message which is not answered the same is left out, and its dialect goes on without it.
func TestUnstableMessages(t *testing.T) {
	file := func() *exchange.File {
		return parsed(t, "pipelines: true", "exchanges: [{name: first, send: a}, {name: good, send: bb}, {name: better, send: ccc}]")
	}
	n := 0
	moody := func(bad ...string) func(p exchange.Part, c string) string {
		return func(p exchange.Part, c string) string {
			if n++; slices.Contains(bad, string(p.Send)) {
				return strings.Repeat("no ", n)
			}
			return shout(p, c)
		}
	}
	d := learnt(t, told(exchange.NewLearner(file()), moody("a")))
	if got := fmt.Sprint(d.Unusable()); !strings.HasPrefix(got, `["first": the server's answers to the same whole message differ`) || len(d.Unusable()) != 1 {
		t.Error(got)
	}
	if d.Plain("").Name != `"good"` || len(d.Cuttable()) != 2 || string(d.Turns("", 1)[0].Request) != "bb" {
		t.Errorf("%s", shown(d.Plain("")))
	}
	if _, err := d.Named([]string{"first"}); err == nil || err.Error() != `the answer to the exchange "first" is not stable` {
		t.Error(err)
	}
	var u *observed.Unstable
	if _, err := told(exchange.NewLearner(file()), moody("a", "bb", "ccc")).Dialect(""); !errors.As(err, &u) || !strings.HasPrefix(err.Error(), `"first": `) {
		t.Error(err)
	}
	// What comes before a message counts too, whatever comes behind it.
	before := parsed(t, "exchanges: [{name: bad, before: [{send: a}, {send: b}], send: c}, {name: good, send: d}]")
	if d := learnt(t, told(exchange.NewLearner(before), moody("a"))); len(d.Unusable()) != 1 || d.Plain("").Name != `"good"` {
		t.Errorf("%v", d.Unusable())
	}
	// What failed, closed, or differed when it came again.
	l := told(exchange.NewLearner(file()), shout)
	bad := errors.New("it is wrong")
	l.Fail(0, bad)
	l.Closed(1)
	l.Differs(2)
	if l.Failed(0) != bad || l.Failed(1) != nil {
		t.Errorf("%v", l.Failed(0))
	}
	d = learnt(t, l)
	if got := d.Unusable(); len(got) != 1 || got[0].Error() != `"first": it is wrong` || !errors.Is(got[0], bad) {
		t.Errorf("%v", got)
	}
	if s := d.Plain(""); s.End != dialect.ByServer || len(d.Pipelined()) != 0 || len(d.Turns("", 2)) != 0 {
		t.Errorf("%s, %v, %v", shown(s), d.Pipelined(), d.Turns("", 2))
	}
	if turns := d.Turns("", 1); len(turns) != 1 || string(turns[0].Request) != "ccc" {
		t.Errorf("%v", turns)
	}
	l = exchange.NewLearner(file())
	for i := range 3 {
		l.Fail(i, bad)
	}
	if _, err := l.Dialect(""); err != bad {
		t.Error(err)
	}
	if _, ok := d.Each(); ok {
		t.Error("all of none are sent together")
	}
}

// TestOpeningFails holds that nothing is judged by an opening that is not stable, nor by a way to leave.
func TestOpeningFails(t *testing.T) {
	n := 0
	moody := func(at string) func(p exchange.Part, c string) string {
		return func(p exchange.Part, c string) string {
			if n++; string(p.Send) == at {
				return strings.Repeat("no ", n)
			}
			return shout(p, c)
		}
	}
	for at, want := range map[string]string{"": "the greeting: ", "user\n": "step 1 of the set-up: ", "quit\n": "the step that leaves: "} {
		if _, err := told(exchange.NewLearner(parsed(t, everything...)), moody(at)).Dialect(""); err == nil || !strings.HasPrefix(err.Error(), want+"the server's answers") {
			t.Errorf("%q: %v", at, err)
		}
	}
	// A pattern of the file says what is known of it then.
	f := parsed(t, `setup: [{send: "user\n", expect: {pattern: '(no )+;'}}]`, "exchanges: [{send: a}]")
	d := learnt(t, told(exchange.NewLearner(f), moody("user\n")))
	if got := d.Opening(conn); len(got) != 1 || got[0].Pattern().String() != "‹pattern›" {
		t.Errorf("%v", got)
	}
	d = learnt(t, told(exchange.NewLearner(f), func(exchange.Part, string) string { return "no " }))
	if got := d.Opening(conn); len(got) != 1 || got[0].Pattern().String() != "‹pattern›" {
		t.Errorf("an opening that is stable: %v", got)
	}
}

// TestEnded holds what is known of the end of the client's side: that the server closes then is known where it always did.
func TestEnded(t *testing.T) {
	for _, c := range []struct {
		closed []bool
		want   string
		lasts  bool
	}{
		{nil, "end 3", false}, {[]bool{true, true}, `end 3 "" "BYE\n"`, false}, {[]bool{false}, "end 3", true}, {[]bool{true, false}, "end 3", true},
	} {
		l := told(exchange.NewLearner(parsed(t, "exchanges: [{send: a}]")), shout)
		for _, closed := range c.closed {
			l.Ended(exchange.Names{"conn": conn}, []byte("BYE\n"), closed)
		}
		d := learnt(t, l)
		if got := shown(d.Plain("")); !strings.HasSuffix(got, "[] "+c.want) || l.Lasts() != c.lasts {
			t.Errorf("%v: %s, lasts %t", c.closed, got, l.Lasts())
		}
		want := `"A" [] end 0`
		if strings.Contains(c.want, "BYE") {
			want = `"A" or "ABYE\n" [] end 0`
		}
		if got := shown(d.HalfClosed(d.Plain(""))); !strings.HasSuffix(got, want) {
			t.Errorf("%v: %s", c.closed, got)
		}
	}
	silent := told(exchange.NewLearner(parsed(t, "exchanges: [{send: a}]")), shout)
	silent.Ended(exchange.Names{"conn": conn}, nil, true)
	if s := learnt(t, silent); len(s.HalfClosed(s.Plain("")).Answers) != 1 {
		t.Error("a server that says nothing at the end has two right answers")
	}
	for farewell, want := range map[string]string{`{pattern: '421.*\n'}`: `"A" or "A‹pattern›" [] end 0`, `"421 {{conn}}\n"`: `"A" or "A421 cccccccccc\n" [] end 0`} {
		d := learnt(t, told(exchange.NewLearner(parsed(t, "farewell: "+farewell, "exchanges: [{send: a}]")), shout))
		if got := shown(d.HalfClosed(d.Plain(""))); !strings.HasSuffix(got, want) {
			t.Error(got)
		}
	}
	l := told(exchange.NewLearner(parsed(t, "exchanges: [{send: a}]")), shout)
	l.Ended(exchange.Names{"conn": conn}, []byte("bye\n"), true)
	l.Ended(exchange.Names{"conn": conn}, []byte("bye bye\n"), true)
	if _, err := l.Dialect(""); err == nil || !strings.HasPrefix(err.Error(), "what is said when the client's side ends: ") {
		t.Error(err)
	}
}

// TestFits holds what fits what was heard, and what is expected: of the file, else of what was heard.
func TestFits(t *testing.T) {
	f := parsed(t, `unasked: {pattern: '\* [a-z]+\n'}`, "exchanges: [{send: a}, {send: b, expect: {pattern: '[0-9]+;'}}]")
	l := exchange.NewLearner(f)
	heard, said := l.Conversation(0, conn)[0], l.Conversation(1, conn)[0]
	if l.Expected(heard, exchange.Names{"conn": conn}) != nil {
		t.Error("an answer is expected, and none was heard")
	}
	l.Heard(heard.Place, exchange.Names{"conn": conn}, []byte("* a\nOK 1\n* b\n"))
	l.Heard(heard.Place, exchange.Names{"conn": conn}, []byte("OK 22\n"))
	for answer, want := range map[string]bool{"OK 3\n": true, "* c\nOK 3\n": true, "NO 3\n": false, "OK\n": false} {
		if l.Fits(heard.Place, exchange.Names{"conn": conn}, []byte(answer)) != want {
			t.Errorf("%q fits: %t", answer, !want)
		}
		if l.Expected(heard, exchange.Names{"conn": conn}).Matches([]byte(answer)) != want {
			t.Errorf("%q is expected: %t", answer, !want)
		}
	}
	if p := l.Expected(said, exchange.Names{"conn": conn}); !p.Matches([]byte("* x\n17;* y\n")) || p.Matches([]byte("17")) {
		t.Errorf("%q", p)
	}
	l.Heard(heard.Place, exchange.Names{"conn": conn}, []byte("NO\n"))
	if l.Expected(heard, exchange.Names{"conn": conn}) != nil {
		t.Error("an answer that is not stable is expected")
	}
	l = exchange.NewLearner(f)
	l.Heard(heard.Place, exchange.Names{"conn": conn}, []byte("OK\n"))
	l.Heard(said.Place, exchange.Names{"conn": conn}, []byte("1;"))
	d := learnt(t, l)
	if p := d.Plain("").Pattern(0); !p.Matches([]byte("* a\nOK\n")) || p.Matches([]byte("* a\nO")) {
		t.Errorf("%q", p)
	}
	if got := d.Masked(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	l.Heard(heard.Place, exchange.Names{"conn": conn}, []byte("OK\n"))
	l.Heard(said.Place, exchange.Names{"conn": conn}, []byte("2;"))
	d = learnt(t, l)
	if p := d.Copies(1, 1).Pattern(0); !p.Matches([]byte("99;")) || !p.Matches([]byte("* a\n99;")) {
		t.Errorf("%q", p)
	}
	if turn := learnt(t, told(exchange.NewLearner(parsed(t, "exchanges: [{send: a}]")), shout)).Turns("", 1)[0]; turn.Like != nil {
		t.Errorf("what never varies is judged by %q", turn.Like)
	}
	if got := d.Masked(); len(got) != 0 { // what the file itself says is not masked
		t.Errorf("%q", got)
	}
}
