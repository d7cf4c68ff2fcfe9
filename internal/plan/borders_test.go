package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
)

// of is a plan of one client that sends n bytes, cut after each of the first bytes with these pauses.
func of(n int, pauses ...time.Duration) plan.Plan {
	c := plan.Client{Requests: []plan.Request{{Pieces: []plan.Piece{{Size: n}}}}}
	for i, pause := range pauses {
		c.Cuts = append(c.Cuts, delivery.Cut{At: i + 1, Pause: pause})
	}
	return plan.Plan{Dialect: "line", Clients: []plan.Client{c}}
}

// TestBounds holds each bound of a plan: what is at it is valid, and what is one beyond it is refused for that.
func TestBounds(t *testing.T) {
	clients := func(n int) plan.Plan { return plan.Plan{Dialect: "line", Clients: make([]plan.Client, n)} }
	requests := func(n int) plan.Plan {
		return plan.Plan{Dialect: "line", Clients: []plan.Client{{Requests: make([]plan.Request, n)}}}
	}
	cuts := func(n int) plan.Plan { return of(n+1, make([]time.Duration, n)...) }
	pieces := func(sizes ...int) plan.Plan {
		p := of(1)
		p.Clients[0].Requests[0].Pieces = nil
		for _, n := range sizes {
			p.Clients[0].Requests[0].Pieces = append(p.Clients[0].Requests[0].Pieces, plan.Piece{Size: n})
		}
		return p
	}
	together := func(a, b int) plan.Plan {
		p := of(a)
		p.Clients = append(p.Clients, of(b).Clients...)
		return p
	}
	exchange := func(cut int, r ...plan.Request) plan.Plan {
		return plan.Plan{Dialect: "x.yaml", Clients: []plan.Client{{Requests: r, Cuts: []delivery.Cut{{At: cut}}}}}
	}
	awaits := func(at ...int) plan.Plan {
		p := of(9)
		p.Clients[0].Awaits = at
		return p
	}
	named := plan.Request{Exchange: "a"}
	for _, c := range []struct {
		name string
		p    plan.Plan
		want string // "" where it is valid
	}{
		{"clients", clients(plan.MaxClients), ""},
		{"a client more", clients(plan.MaxClients + 1), "the plan has 65 clients, and 64 is the most"},
		{"no client", clients(0), "the plan has no client"},
		{"requests", requests(plan.MaxRequests), ""},
		{"a request more", requests(plan.MaxRequests + 1), "client 1: 4097 requests, and 4096 is the most"},
		{"cuts", cuts(plan.MaxCuts), ""},
		{"a cut more", cuts(plan.MaxCuts + 1), "client 1: 65537 cuts, and 65536 is the most"},
		{"bytes", of(plan.MaxBytes), ""},
		{"a piece of a byte more", of(plan.MaxBytes + 1), "client 1: a piece of 16777217 bytes, and 16777216 is the most"},
		{"a piece of less than nothing", of(-1), "client 1: a piece of -1 bytes, and 16777216 is the most"},
		{"bytes in two pieces", pieces(plan.MaxBytes-1, 1), ""},
		{"a byte more in two pieces", pieces(plan.MaxBytes, 1), "client 1: more than 16777216 bytes"},
		{"bytes of two clients", together(plan.MaxBytes-1, 1), ""},
		{"a byte more of two clients", together(1, plan.MaxBytes), "client 2: more than 16777216 bytes are sent altogether"},
		{"a pause", of(9, plan.MaxPause), ""},
		{"a longer pause", of(9, 0, plan.MaxPause+1), "client 1: a pause of 30.000000001s, and 30s is the most"},
		{"pauses", of(9, plan.MaxPause, plan.MaxPause, plan.MaxPause, plan.MaxPause), ""},
		{"longer pauses", of(9, plan.MaxPause, plan.MaxPause, plan.MaxPause, plan.MaxPause, 1), "client 1: pauses of 2m0.000000001s together, and 2m0s is the most"},
		{"a pause below nothing", of(9, -1), "client 1: cut 1 has a pause of -1ns"},
		{"a cut in an exchange", exchange(plan.MaxBytes-1, named), ""},
		{"a cut behind any exchange", exchange(plan.MaxBytes, named), "client 1: cut 1 is after byte 16777216, not inside of a request of 16777216 bytes"},
		{"an exchange with bytes", exchange(1, plan.Request{Exchange: "a", Pieces: []plan.Piece{plan.Text("b")}}), "client 1: its requests are bytes and exchanges both: they must be of one kind"},
		{"an exchange behind bytes", exchange(1, plan.Of("a"), named), "client 1: its requests are bytes and exchanges both: they must be of one kind"},
		{"awaits", awaits(1, 2, 9), ""},
		{"an await twice", awaits(2, 2), "client 1: an await behind byte 2 does not come behind the one before it, behind byte 2"},
		{"awaits in another order", awaits(3, 2), "client 1: an await behind byte 2 does not come behind the one before it, behind byte 3"},
		{"bytes behind an exchange", exchange(1, named, plan.Of("a")), "client 1: its requests are bytes and exchanges both: they must be of one kind"},
	} {
		if err := c.p.Validate(); err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestParseBounds holds the bounds that a text is held to while it is read.
func TestParseBounds(t *testing.T) {
	const head = "streamspec plan 1\ndialect line\n"
	const client = "client\nend open\n"
	one := head + "client\nrequest text(70000, 1)\n"
	var cuts strings.Builder
	for i := range plan.MaxCuts {
		fmt.Fprintf(&cuts, "cut %d\n", i+1)
	}
	awaits := strings.NewReplacer("cut", "await").Replace(cuts.String())
	exactly := head + client
	exactly += strings.Repeat("#", plan.MaxText-len(exactly)-1) + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"clients", head + strings.Repeat(client, plan.MaxClients), ""},
		{"a client more", head + strings.Repeat(client, plan.MaxClients+1), "line 131: more than 64 clients"},
		{"requests", head + "client\n" + strings.Repeat("request \"\"\n", plan.MaxRequests) + "end open\n", ""},
		{"a request more", head + "client\n" + strings.Repeat("request \"\"\n", plan.MaxRequests+1), "line 4100: more than 4096 requests"},
		{"cuts", one + cuts.String() + "end open\n", ""},
		{"a cut more", one + cuts.String() + "cut 69999\n", "line 65541: more than 65536 cuts"},
		{"bytes", head + "client\nrequest text(16777216, 1)\nend open\n", ""},
		{"a byte more", head + "client\nrequest text(16777217, 1)\nend open\n", "line 4: the size of text must be from 1 to 16777216"},
		{"a byte drawn", head + "client\nrequest bytes(1,1)\nend open\n", ""},
		{"the longest text", exactly, ""},
		{"a longer text", exactly + "\n", "line 1: the text is longer than 8388608 bytes"},
		{"the least pause", head + "client\nrequest \"ab\"\ncut 1 pause 1ns\nend open\n", ""},
		{"no pause", head + "client\nrequest \"ab\"\ncut 1 pause 0s\nend open\n", `line 5: a pause is a time such as 20ms, not "0s"`},
		{"a pause below nothing", head + "client\nrequest \"ab\"\ncut 1 pause -1s\nend open\n", `line 5: a pause is a time such as 20ms, not "-1s"`},
		{"a pause without a time", head + "client\nrequest \"ab\"\ncut 1 pause\nend open\n", "line 5: cut is followed by a number of bytes, and perhaps by pause and a time, such as: cut 7 pause 20ms"},
		{"a pause called otherwise", head + "client\nrequest \"ab\"\ncut 1 wait 1s\nend open\n", "line 5: cut is followed by a number of bytes, and perhaps by pause and a time, such as: cut 7 pause 20ms"},
		{"a cut after nothing said", head + "client\nrequest \"ab\"\ncut\nend open\n", "line 5: cut is followed by a number of bytes, and perhaps by pause and a time, such as: cut 7 pause 20ms"},
		{"a cut in quotes", head + "client\nrequest \"ab\"\ncut \"1\"\nend open\n", `line 5: a cut is after a number of bytes, not after "1"`},
		{"version 0", "streamspec plan 0\n", `line 1: the version of the plan is "0", and not a number`},
		{"version 1 and spaces", "streamspec plan  1 \ndialect line\n" + client, ""},
		{"two words", head + "target a b\n" + client, "line 3: target is followed by one word"},
		{"no word", head + "target \"\"\n" + client, "line 3: target is followed by one word"},
		{"requirement twice", head + "requirement a\nrequirement b\n" + client, "line 4: requirement is given twice"},
		{"seed 0 twice", head + "seed 0\nseed 0\n" + client, "line 4: seed is given twice"},
		{"a client of its own", head + "client and\n", "line 3: client stands alone on its line, or with then behind it"},
		{"a client in quotes", head + client + "client \"then\"\nend open\n", "line 5: client stands alone on its line, or with then behind it"},
		{"a client and two words", head + client + "client then then\nend open\n", "line 5: client stands alone on its line, or with then behind it"},
		{"a string in front", head + "\"client\"\n", "line 3: a line begins with a word, such as request, and not with a string"},
		{"an exchange without a name", head + "client\nexchange \"\"\n", "line 4: exchange is followed by its name"},
		{"an exchange of two names", head + "client\nexchange \"a\" \"b\"\n", "line 4: exchange is followed by its name"},
		{"an await with a word", head + "client\nrequest \"a\"\nawait b\n", "line 5: await is followed by nothing, or by a number of bytes, such as await 7"},
		{"an await with two numbers", head + "client\nrequest \"a\"\nawait 1 2\n", "line 5: await is followed by nothing, or by a number of bytes, such as await 7"},
		{"an await in quotes", head + "client\nrequest \"a\"\nawait \"1\"\n", "line 5: await is followed by nothing, or by a number of bytes, such as await 7"},
		{"an await behind a cut", head + "client\nrequest \"ab\"\ncut 1\nawait\n", "line 6: await comes after a cut: all awaits come before the cuts"},
		{"an await behind an exchange", head + "client\nexchange \"a\"\nawait\n", "line 5: how long an exchange is, only its file knows: await is followed by a number of bytes"},
		{"an await in an exchange", head + "client\nexchange \"a\"\nawait 7\nend open\n", ""},
		{"an await behind all", head + "client\nawait 2\nrequest \"ab\"\nend open\n", ""},
		{"an await beyond it", head + "client\nrequest \"ab\"\nawait 3\nend open\n", "line 6: an await is behind byte 3, which is not among the 2 that are sent"},
		{"an await before all", head + "client\nrequest \"ab\"\nawait 0\nend open\n", "line 6: an await is behind byte 0, which is not among the 2 that are sent"},
		{"awaits", one + awaits + "end open\n", ""},
		{"an await more", one + awaits + "await 69999\n", "line 65541: more than 65536 awaits"},
		{"two ends", head + "client\nend open reset\n", "line 4: end is followed by one word"},
		{"no end said", head + "client\nend\n", "line 4: end is followed by one word"},
		{"the longest word that is shown", head + strings.Repeat("x", 40) + "\n", `line 3: there is no "` + strings.Repeat("x", 40) + `": a line begins with dialect, target, requirement, drawn, seed, client, request, exchange, await, cut or end`},
		{"a longer word", head + strings.Repeat("x", 41) + "\n", `line 3: there is no "` + strings.Repeat("x", 40) + `…": a line begins with dialect, target, requirement, drawn, seed, client, request, exchange, await, cut or end`},
		{"a piece without a seed", head + "client\nrequest text(1)\n", "line 4: a request is made of strings in quotes, text(SIZE, SEED) and bytes(SIZE, SEED), not of \"text(1)\""},
		{"a piece of another name", head + "client\nrequest data(1,2)\n", "line 4: a request is made of strings in quotes, text(SIZE, SEED) and bytes(SIZE, SEED), not of \"data(1,2)\""},
		{"a piece with a tail", head + "client\nrequest text(1,2)x\n", "line 4: a request is made of strings in quotes, text(SIZE, SEED) and bytes(SIZE, SEED), not of \"x\""},
		{"a string that touches a piece", head + "client\nrequest text(1,2)\"x\"\nend open\n", ""},
		{"a bracket in front", head + "client\nrequest (1 2)\n", "line 4: a request is made of strings in quotes, text(SIZE, SEED) and bytes(SIZE, SEED), not of \"(1 2)\""},
		{"a word, and then a bracket", head + "client\nrequest x text(1,2)\n", "line 4: a request is made of strings in quotes, text(SIZE, SEED) and bytes(SIZE, SEED), not of \"x\""},
		{"a comment that touches", head + "client#(\nend open#)\n", ""},
		{"CR LF", strings.ReplaceAll(head+client, "\n", "\r\n"), ""},
		{"a tab", head + "client\n\trequest\t\"a\"\t\n\tend\topen\n", ""},
	} {
		_, err := plan.Parse([]byte(c.text))
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	file := filepath.Join(t.TempDir(), "a.plan")
	if err := os.WriteFile(file, []byte(exactly), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.ReadFile(file); err != nil {
		t.Errorf("the longest text in a file: %v", err)
	}
}

// TestText holds the text of a plan, byte for byte.
func TestText(t *testing.T) {
	p := plan.Plan{
		Dialect: "own file.yaml", Target: "~", Requirement: "\u007f", Seed: 1,
		Clients: []plan.Client{
			{
				Requests: []plan.Request{plan.Of("0123456789\"é"), {}, {Pieces: []plan.Piece{{Size: 4, Seed: 2}, {Size: 3, Seed: 4, Binary: true}, plan.Text("x")}}},
				Awaits:   []int{3, 13, 21},
				Cuts:     []delivery.Cut{{At: 1}, {At: 8, Pause: time.Nanosecond}, {At: 9}, {At: 20}}, End: delivery.HalfCloseWithData,
			},
			{Requests: []plan.Request{{Exchange: "an exchange"}}, Awaits: []int{2}, Cuts: []delivery.Cut{{At: 3, Pause: time.Second}}, Then: true},
		},
	}
	const want = `streamspec plan 1
dialect "own file.yaml"
target ~
requirement "\x7f"
seed 1
client
  request "0123456789\"é"
  await
  request ""
  request text(4, 2) bytes(3, 4) "x"
  await
  await 3 # "012" | "3456789\""
  cut 1 # "0" | "12345678"
  cut 8 pause 1ns # "01234567" | "89\"éw5g"
  cut 9 # "12345678" | "9\"éw5g-"
  cut 20 # "\xa9w5g-\x8e\x1f2" | "x"
  end half-close-with-data
client then
  exchange "an exchange"
  await 2
  cut 3 pause 1s
  end open
`
	if got := p.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	outside := plan.Plan{Clients: []plan.Client{{Requests: []plan.Request{plan.Of("ab")}, Cuts: []delivery.Cut{{At: 0}, {At: 2}, {At: -1}}}}}
	if text := outside.String(); strings.Contains(text, "#") {
		t.Errorf("bytes are shown beside cuts that lie outside of what is sent:\n%s", text)
	}
	for n, commented := range map[int]bool{16: true, 17: false} {
		if text := of(20, make([]time.Duration, n)...).String(); strings.Contains(text, "#") != commented {
			t.Errorf("the bytes beside %d cuts are shown: %t", n, !commented)
		}
	}
}

// TestCounts holds the lengths and counts of a plan, and what a copy shares.
func TestCounts(t *testing.T) {
	p := of(5, 0, 0)
	p.Clients = append(p.Clients, plan.Client{Requests: []plan.Request{plan.Of("ab"), plan.Of("c"), {}}, Awaits: []int{1}, Cuts: []delivery.Cut{{At: 1}}})
	if p.Len() != 8 || p.Cuts() != 3 || p.Clients[1].Len() != 3 || string(p.Clients[1].Bytes()) != "abc" || p.Clients[1].Exchanges() {
		t.Errorf("%d bytes, %d cuts, the second client's %q", p.Len(), p.Cuts(), p.Clients[1].Bytes())
	}
	if d := p.Clients[0].Delivery(); len(d.Cuts) != 2 || d.End != delivery.Open {
		t.Errorf("%v", d)
	}
	q := p.Clone()
	q.Clients[0].Cuts[0].At, q.Clients[1].Requests[0].Exchange, q.Clients[1].Awaits[0] = 3, "x", 2
	if p.Clients[0].Cuts[0].At != 1 || p.Clients[1].Requests[0].Exchange != "" || p.Clients[1].Awaits[0] != 1 || q.Equal(p) {
		t.Error("a copy shares its cuts, awaits or requests")
	}
}

// TestEqual holds that plans which differ in one thing are not equal.
func TestEqual(t *testing.T) {
	base := func() plan.Plan {
		return plan.Plan{Dialect: "d", Target: "t", Requirement: "r", Seed: 1, Clients: []plan.Client{{
			Requests: []plan.Request{{Pieces: []plan.Piece{{Text: []byte("a"), Size: 0, Seed: 0}}}}, Cuts: []delivery.Cut{{At: 1}},
		}}}
	}
	if !base().Equal(base()) {
		t.Error("a plan is not as itself")
	}
	for name, change := range map[string]func(*plan.Plan){
		"dialect":     func(p *plan.Plan) { p.Dialect = "x" },
		"target":      func(p *plan.Plan) { p.Target = "x" },
		"requirement": func(p *plan.Plan) { p.Requirement = "x" },
		"drawn":       func(p *plan.Plan) { p.Drawn = "x" },
		"seed":        func(p *plan.Plan) { p.Seed = 2 },
		"client":      func(p *plan.Plan) { p.Clients = append(p.Clients, plan.Client{}) },
		"end":         func(p *plan.Plan) { p.Clients[0].End = delivery.Reset },
		"then":        func(p *plan.Plan) { p.Clients[0].Then = true },
		"cut":         func(p *plan.Plan) { p.Clients[0].Cuts[0].Pause = 1 },
		"request":     func(p *plan.Plan) { p.Clients[0].Requests = nil },
		"await":       func(p *plan.Plan) { p.Clients[0].Awaits = []int{1} },
		"exchange":    func(p *plan.Plan) { p.Clients[0].Requests[0].Exchange = "x" },
		"pieces":      func(p *plan.Plan) { p.Clients[0].Requests[0].Pieces = nil },
		"text":        func(p *plan.Plan) { p.Clients[0].Requests[0].Pieces[0].Text = []byte("b") },
		"size":        func(p *plan.Plan) { p.Clients[0].Requests[0].Pieces[0].Size = 1 },
		"seed of it":  func(p *plan.Plan) { p.Clients[0].Requests[0].Pieces[0].Seed = 1 },
		"binary":      func(p *plan.Plan) { p.Clients[0].Requests[0].Pieces[0].Binary = true },
	} {
		p := base()
		if change(&p); p.Equal(base()) || base().Equal(p) {
			t.Errorf("with another %s it is the same", name)
		}
	}
}

// TestStages holds which clients act side by side.
func TestStages(t *testing.T) {
	for then, want := range map[string]string{
		"": "", "-": "[0 1]", "--": "[0 2]", "-t": "[0 1][1 2]", "-t-": "[0 1][1 3]", "--t": "[0 2][2 3]", "-tt": "[0 1][1 2][2 3]", "--t-t": "[0 2][2 4][4 5]",
	} {
		var p plan.Plan
		for _, c := range then {
			p.Clients = append(p.Clients, plan.Client{Then: c == 't'})
		}
		got := ""
		for from, to := range p.Stages() {
			got += fmt.Sprint([]int{from, to})
		}
		if got != want {
			t.Errorf("%q: %s, want %s", then, got, want)
		}
		for range p.Stages() {
			break
		}
	}
}
