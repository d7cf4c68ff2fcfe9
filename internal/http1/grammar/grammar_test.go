package grammar

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/http1"
)

var here = http1.Target{Host: "a", Path: "/", Post: "/echo", Missing: "/missing", Hidden: "/hidden", Fields: []string{"Cookie: c"}}

func drawn(n uint64) Stream {
	return Draw(rand.New(rand.NewPCG(1, n)), Limits{Before: 4, Posts: true})
}

// TestDraw: draws are of every class and of many valid shapes; each ends where it says, and nothing of the notation is left in it.
func TestDraw(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for n := range uint64(12000) {
		s := drawn(n)
		w := s.At(here)
		if s.Last.Class == nil {
			seen[w.Requirement]++
		} else {
			seen[s.Last.Class.Name+s.Last.Value]++
		}
		switch {
		case !w.Closes && (len(w.Ends) != w.Requests || len(w.Asked) != w.Requests || w.Ends[w.Requests-1] != len(w.Bytes)):
			t.Errorf("%d: ends %v of %d bytes, %d requests", n, w.Ends, len(w.Bytes), w.Requests)
		case w.Ways == 0 || w.Name == "" || w.Source[:4] != "12 §"[:4] && !strings.HasPrefix(w.Source, "10 §"):
			t.Errorf("%d: %+v", n, w)
		case bytes.ContainsAny(w.Bytes, "{}") && !strings.Contains(s.Last.Value, "{"):
			t.Errorf("%d: %q", n, w.Bytes)
		}
		for i, end := range w.Ends[:w.Before] { // what comes before is whole requests
			from := 0
			if i > 0 {
				from = w.Ends[i-1]
			}
			if !bytes.Contains(w.Bytes[from:end], []byte(" HTTP/1.1\r\nHost: a\r\nCookie: c\r\n")) {
				t.Errorf("%d: message %d is %q", n, i, w.Bytes[from:end])
			}
		}
		if !bytes.Equal(w.Bytes, drawn(n).At(here).Bytes) {
			t.Errorf("%d is drawn otherwise again", n)
		}
	}
	for _, c := range Classes() {
		for _, v := range append(c.values, "")[:max(len(c.values), 1)] {
			if seen[c.Name+v] == 0 {
				t.Errorf("%s (%q) is not drawn", c.Name, v)
			}
		}
	}
	for _, id := range []string{"HCON-1", "HCON-3", "HCON-6", "HCON-7", "HCON-8", "HCON-11", "HCHK-1", "HCHK-2", "HCHK-3", "HCHK-4", "HCHK-10", "HFLD-13", "HFLD-17", "HLEN-1", "HLEN-2", "HLEN-7", "HLEN-14", "HLEN-15", "HLEN-17", "HREQ-2"} {
		if seen[id] == 0 {
			t.Errorf("nothing valid is drawn that shows %s", id)
		}
	}
}

// TestRequirements: what is said to be broken is a requirement of the contract, and the source one of its sections.
func TestRequirements(t *testing.T) {
	t.Parallel()
	known := map[string]contract.Requirement{}
	for _, f := range contract.HTTP() {
		for _, r := range f.Requirements {
			known[r.ID] = r
		}
	}
	for _, c := range Classes() {
		for _, id := range []string{c.Requirement, or(c.Kept, c.Requirement)} {
			if known[id].ID == "" {
				t.Errorf("%s: there is no %s", c.Name, id)
			}
		}
		rfc := map[string]string{"12": "RFC 9112", "10": "RFC 9110"}[c.Source[:2]]
		if !strings.Contains(known[c.Requirement].Citation, rfc) {
			t.Errorf("%s: %s is of %s, and not of %s", c.Name, c.Requirement, known[c.Requirement].Citation, c.Source)
		}
	}
}

// TestBodies: valid bodies are as long as they say, and decode to what they hold.
func TestBodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m    Message
		want string
	}{
		{Message{}, "GET / HTTP/1.1\r\nHost: a\r\nCookie: c\r\n\r\n"},
		{Message{Method: "HEAD", Target: "{X}", Old: true, Fields: []string{"A: b"}}, "HEAD /missing HTTP/1.0\r\nHost: a\r\nCookie: c\r\nA: b\r\n\r\n"},
		{Message{Framed: lengths[3], Chunks: []Chunk{{Data: "he"}, {Data: "llo"}}}, "POST /echo HTTP/1.1\r\nHost: a\r\nCookie: c\r\nContent-Length: 005\r\n\r\nhello"},
		{Message{Framed: codings[0], Chunks: []Chunk{{Size: "%04X", Ext: ";a", Data: "hellohello"}, {}}, Zeros: "000", Extra: []string{"X: y"}},
			"POST /echo HTTP/1.1\r\nHost: a\r\nCookie: c\r\nTransfer-Encoding: chunked\r\n\r\n000A;a\r\nhellohello\r\n000\r\nX: y\r\n\r\n"},
	} {
		if got := string((Stream{Last: c.m}).At(here).Bytes); got != c.want {
			t.Errorf("%+v is %q", c.m, got)
		}
	}
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"{n} {x} {m} {half}", 300, "300 12c 301 150"}, {"{32} {63} {64}", 5, "4294967301 9223372036854775813 18446744073709551621"}, {"{x32} {x63} {x64}", 5, "100000005 8000000000000005 10000000000000005"}} {
		if got := numbered(c.text, c.n); got != c.want {
			t.Errorf("%s of %d is %s", c.text, c.n, got)
		}
	}
}

// TestSmaller: whatever is left out, the rest is a stream of the same class or a valid one; and there is an end to it.
func TestSmaller(t *testing.T) {
	t.Parallel()
	for n := range uint64(500) {
		s := drawn(n)
		for steps := 0; ; steps++ {
			size := len(s.At(here).Bytes)
			next := -1
			all := s.Smaller()
			for i, smaller := range all {
				if c := smaller.Last.Class; c != nil && c != s.Last.Class {
					t.Fatalf("%d: %s became %s", n, s.Last.Class.Name, c.Name)
				}
				if len(smaller.At(here).Bytes) < size {
					next = i
					break
				}
			}
			if next < 0 {
				if want := len("GET / HTTP/1.1\r\nHost: a\r\nCookie: c\r\n\r\n"); s.Last.Class == nil && size > want+len("HEAD / HTTP/1.1\r\n") {
					t.Errorf("%d: %q is as small as it gets", n, s.At(here).Bytes)
				}
				break
			}
			if s = all[next]; steps > 300 {
				t.Fatalf("%d: there is no end to it: %q", n, s.At(here).Bytes)
			}
		}
	}
}

// TestText: a stream is read from its text as it was.
func TestText(t *testing.T) {
	t.Parallel()
	for n := range uint64(3000) {
		s := drawn(n)
		got, err := Parse(s.Text())
		if err != nil || got.Last.Class != s.Last.Class || !bytes.Equal(got.At(here).Bytes, s.At(here).Bytes) || got.Text() != s.Text() {
			t.Errorf("%d: %v: %s becomes %s", n, err, s.Text(), got.Text())
		}
	}
	for _, text := range []string{"", "{", `{"Last":{"Class":"HLEN-3 x"}}`, `{"Last":{"Value":"x"}}`, `{"Last":{"Framed":"Transfer-Encoding: chunked","Chunks":[{"Size":"%999x","Data":"a"}]}}`, `{"Before":[{"Old":true}],"Last":{}}`} {
		if _, err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), "what was drawn cannot be read: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestWays: a set of ways is said in words.
func TestWays(t *testing.T) {
	t.Parallel()
	if got, want := (Take | Refuse).String(), "answers it, and what follows it, or refuses it"; got != want {
		t.Errorf("%q", got)
	}
	for i := range ways {
		if (Way(1)<<i).String() == "" || fmt.Sprint(Way(1)<<i) == "" {
			t.Errorf("way %d has no words", i)
		}
	}
}
