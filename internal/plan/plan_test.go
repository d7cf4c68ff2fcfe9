package plan_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
)

const sample = `streamspec plan 1
# what it shows
dialect line
target [::1]:7000
requirement FRAM-2
seed 42
client
  request "caf\xc3\xa9\r\n" # a comment
  request text(40, 7) "\n"
  await
  await 3

  cut 4
  cut 12 pause 20ms
  end half-close
client
  request bytes(5, 1)
  end reset
`

func TestParse(t *testing.T) {
	p, err := plan.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := plan.Plan{
		Dialect: "line", Target: "[::1]:7000", Requirement: "FRAM-2", Seed: 42,
		Clients: []plan.Client{
			{
				Requests: []plan.Request{plan.Of("café\r\n"), {Pieces: []plan.Piece{{Size: 40, Seed: 7}, plan.Text("\n")}}},
				Awaits:   []int{3, 48},
				Cuts:     []delivery.Cut{{At: 4}, {At: 12, Pause: 20 * time.Millisecond}}, End: delivery.HalfClose,
			},
			{Requests: []plan.Request{{Pieces: []plan.Piece{{Size: 5, Seed: 1, Binary: true}}}}, End: delivery.Reset},
		},
	}
	if !p.Equal(want) {
		t.Errorf("read as\n%s\nwant\n%s", p, want)
	}
	if n := p.Clients[0].Len(); n != 7+41 || len(p.Clients[0].Bytes()) != n {
		t.Errorf("the first client sends %d bytes", n)
	}
	if again, err := plan.Parse([]byte(p.Commented("# said\n"))); err != nil || !again.Equal(p) {
		t.Errorf("with a comment: %v", err)
	}
}

// drawn draws any valid plan.
func drawn(t *rapid.T) plan.Plan {
	p := plan.Plan{
		Dialect:     rapid.SampledFrom([]string{"line", "echo", "preset:redis", "a file.yaml", "#.yaml", "\"é\x00\".yaml"}).Draw(t, "dialect"),
		Target:      rapid.SampledFrom([]string{"", "127.0.0.1:1", "[::1]:7", "a b"}).Draw(t, "target"),
		Requirement: rapid.SampledFrom([]string{"", "FRAM-2", "x"}).Draw(t, "requirement"),
		Drawn:       rapid.SampledFrom([]string{"", `{"Last":{}}`}).Draw(t, "drawn"),
		Seed:        rapid.Uint64().Draw(t, "seed"),
	}
	for range rapid.IntRange(1, 4).Draw(t, "clients") {
		c := plan.Client{End: delivery.ClientEnd(rapid.IntRange(0, 3).Draw(t, "end")), Then: len(p.Clients) > 0 && rapid.Bool().Draw(t, "then")}
		exchanges := rapid.Bool().Draw(t, "exchanges")
		for range rapid.IntRange(0, 4).Draw(t, "requests") {
			var r plan.Request
			if exchanges {
				r.Exchange = rapid.StringN(1, 10, -1).Draw(t, "exchange")
			} else {
				for range rapid.IntRange(0, 3).Draw(t, "pieces") {
					piece := plan.Piece{Text: rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "text")}
					if rapid.Bool().Draw(t, "long") {
						piece = plan.Piece{Size: rapid.IntRange(1, 70000).Draw(t, "size"), Seed: rapid.Uint64().Draw(t, "of"), Binary: rapid.Bool().Draw(t, "binary")}
					}
					r.Pieces = append(r.Pieces, piece)
				}
			}
			c.Requests = append(c.Requests, r)
		}
		n := c.Len()
		if c.Exchanges() {
			n = 100
		}
		for at := rapid.IntRange(1, 9).Draw(t, "await"); at <= n && rapid.Bool().Draw(t, "awaits"); at += rapid.IntRange(1, 9).Draw(t, "await") {
			c.Awaits = append(c.Awaits, at)
		}
		last := 0
		for range rapid.IntRange(0, 5).Draw(t, "cuts") {
			if last+1 >= n {
				break
			}
			last = rapid.IntRange(last+1, n-1).Draw(t, "at")
			c.Cuts = append(c.Cuts, delivery.Cut{At: last, Pause: time.Duration(rapid.IntRange(0, 1000).Draw(t, "pause")) * time.Millisecond})
		}
		p.Clients = append(p.Clients, c)
	}
	return p
}

// TestRoundTrip holds that every plan reads back as it was.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		if err := p.Validate(); err != nil {
			t.Fatalf("%v of\n%s", err, p)
		}
		q, err := plan.Parse([]byte(p.String()))
		if err != nil || !q.Equal(p) {
			t.Fatalf("%v: read back as\n%s\nand it was\n%s", err, q, p)
		}
		if !p.Clone().Equal(p) {
			t.Fatal("a copy is not the same")
		}
	})
}

// TestParseCutOff holds that no beginning of a plan is taken for a plan that ends there, but where a client ends.
func TestParseCutOff(t *testing.T) {
	for n := range len(sample) {
		p, err := plan.Parse([]byte(sample[:n]))
		if err == nil && !strings.HasSuffix(sample[:n], "half-close\n") {
			t.Errorf("the first %d bytes are read as\n%s", n, p)
		}
		if e := (*plan.ParseError)(nil); err != nil && (!errors.As(err, &e) || e.Line < 1) {
			t.Errorf("the first %d bytes: %v has no line", n, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	head := "streamspec plan 1\ndialect line\nclient\n"
	for text, want := range map[string]string{
		"":                    "line 1: the file is empty",
		"hello\n":             "line 1: this is no plan",
		"streamspec plan 2\n": "line 1: the plan is of version 2, and this streamspec reads up to 1: use a newer one",
		"streamspec plan x\n": `line 1: the version of the plan is "x"`,
		"streamspec plan 1":   "line 1: the file ends in the middle of a line",
		"streamspec plan 1\n": "line 1: the plan names no dialect",
		"streamspec plan 1\ndialect line\ndialect line\n":                      "line 3: dialect is given twice",
		"streamspec plan 1\ndialect line\n":                                    "line 2: the plan has no client",
		"streamspec plan 1\nseed x\n":                                          `line 2: the seed is "x"`,
		"streamspec plan 1\n\x00\x01\n":                                        "line 2: the line holds a control character",
		"streamspec plan 1\n\xff\n":                                            "line 2: the line holds bytes that are no UTF-8",
		"streamspec plan 1\nrequest \"a\"\n":                                   "line 2: request comes before the first client",
		head:                                                                   "line 3: client 1 has no end",
		head + "client\n":                                                      "line 4: client 1 has no end",
		head + "nonsense\n":                                                    `line 4: there is no "nonsense"`,
		head + "request\n":                                                     "line 4: request is followed by its bytes",
		head + "request a\n":                                                   "line 4: a request is made of strings in quotes",
		head + "request \"a\n":                                                 "line 4: a string has no end",
		head + "request \"\\q\"\n":                                             "line 4: a string has no end, or an escape that is none",
		head + "request text(0, 1)\n":                                          "line 4: the size of text must be from 1 to",
		head + "request text(1e9, 1)\n":                                        "line 4: the size of text must be from 1 to",
		head + "request text(99999999, 1)\n":                                   "line 4: the size of text must be from 1 to",
		head + "request text(1, -1)\n":                                         "line 4: the seed of text must be a number",
		head + "request text(1\n":                                              "line 4: a ( has no )",
		head + "cut 1\nend open\n":                                             "line 5: cut 1 is after byte 1, not inside of a request of 0 bytes",
		head + "request \"abc\"\ncut 2\ncut 1\nend open\n":                     "line 7: cut 2 is after byte 1, not beyond the one before it",
		head + "request \"abc\"\ncut 3\nend open\n":                            "line 6: cut 1 is after byte 3",
		head + "request \"abc\"\ncut x\n":                                      `line 5: a cut is after a number of bytes, not after "x"`,
		head + "request \"abc\"\ncut 1 pause 1h\nend open\n":                   "line 6: a pause of 1h0m0s, and 30s is the most",
		head + "request \"abc\"\ncut 1 pause x\n":                              `line 5: a pause is a time such as 20ms, not "x"`,
		head + "request \"abc\"\ncut 1\nrequest \"d\"\n":                       "line 6: request comes after a cut",
		head + "request \"a\"\nexchange \"b\"\nend open\n":                     "line 6: its requests are bytes and exchanges both",
		"streamspec plan 1\ndialect line\nclient then\n  end open\n":           "line 4: the first client cannot come behind others",
		head + "await\n":                                                       "line 4: await stands behind the request",
		head + "end nowhere\n":                                                 `line 4: there is no end "nowhere"`,
		head + "end open\nend open\n":                                          "line 5: end comes after the client's end",
		head + "end open\nseed 1\n":                                            "line 5: seed comes before the first client",
		head + strings.Repeat("request text(16777216, 1)\n", 2) + "end open\n": "line 6: more than 16777216 bytes",
	} {
		_, err := plan.Parse([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := plan.ReadFile(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	name := filepath.Join(dir, "huge.plan")
	if err := os.WriteFile(name, bytes.Repeat([]byte("#\n"), plan.MaxText/2+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.ReadFile(name); err == nil || err.Error() != fmt.Sprintf("%s:1: the text is longer than %d bytes", name, plan.MaxText) {
		t.Errorf("a huge file: %v", err)
	}
}
