package web_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// here is where the servers are asked.
var here = http1.Target{Host: "a", Path: "/", Post: "/echo", Missing: "/none", Hidden: "/hidden"}

// next is the request behind another, by whose answer it is told where that one ended; hidden is one that a body hides.
const (
	next   = "GET /inspect?next HTTP/1.1\nHost: a\n\n"
	hidden = "GET {HIDDEN} HTTP/1.1\nHost: a\n\n"
)

// wire writes requests as they go over the wire (see http1.Target.Write); {N} is next and {G} hidden, {9*x} is so many x. ¦ parts segments.
func wire(text string) []string {
	text = strings.NewReplacer("{N}", next, "{G}", hidden).Replace(text)
	text = repeats.ReplaceAllStringFunc(text, func(s string) string {
		times, of, _ := strings.Cut(s[1:len(s)-1], "*")
		n, _ := strconv.Atoi(times) // the pattern has digits there
		return strings.Repeat(of, n)
	})
	return strings.Split(string(here.Write(text)), "¦")
}

var repeats = regexp.MustCompile(`\{\d+\*[^}]+\}`)

// A client sends segments, one a read, and then the end of its stream.
type client struct {
	left  []string
	asked bool // the server waited for more than there was
	had   int  // how much it had answered then
	got   bytes.Buffer
}

func (c *client) Read(p []byte) (int, error) {
	for len(c.left) > 0 && c.left[0] == "" {
		c.left = c.left[1:]
	}
	if len(c.left) == 0 {
		if !c.asked {
			c.asked, c.had = true, c.got.Len()
		}
		return 0, io.EOF
	}
	n := copy(p, c.left[0])
	c.left[0] = c.left[0][n:]
	return n, nil
}

func (c *client) Write(p []byte) (int, error) { return c.got.Write(p) }

var right = web.Fault{Name: "right", Plant: func(changes *plant.Changes) {
	changes.Session = func(reference.Dialect) reference.Dialect { return web.Right() }
}}

// play has a server answer segments, and says in one line what it made of them: its answers; "open" where it waited for more, else
// "closed"; and what it answered when the stream ended. An answer is its status, with what it says in brackets; "next" is next's own.
func play(t *testing.T, f web.Fault, segments ...string) string {
	t.Helper()
	changes := plant.New(f.Plant, web.Dialect, reference.Config{})
	c := &client{left: slices.Clone(segments)}
	if err := changes.Session(nil)(reference.NewStreamHandler(c, changes.Config)); err != nil {
		t.Errorf("%s: %v", f.Name, err)
	}
	all := c.got.String()
	if !c.asked {
		return answers(all, segments) + "closed"
	}
	line := answers(all[:c.had], segments) + "open"
	if c.had < len(all) {
		line += ", then " + strings.TrimSpace(answers(all[c.had:], nil))
	}
	return line
}

// answers reads answers as strictly as the suite does.
func answers(text string, segments []string) (line string) {
	r := http1.Reader{Limit: 4 << 20}
	request := strings.TrimLeft(strings.Join(segments, ""), "\r\n")
	first, _, _ := strings.Cut(request, "\r\n")
	old, head := strings.HasSuffix(first, "HTTP/1.0"), strings.HasPrefix(first, "HEAD ")
	r.Asked = []http1.Asked{{Old: old, Head: head}}
	_, _ = r.Write([]byte(text))
	for _, a := range r.Answers() {
		line += told(&a) + " "
	}
	return line
}

// flaws are the words for what the faulty servers have in their answers.
var flaws = map[http1.Kind]string{http1.NoStatusLine: "no status line", http1.BadStatusLine: "status line", http1.BadVersion: "version", http1.FramedTwice: "twice", http1.CodedToOld: "old",
	http1.InterimToOld: "interim", http1.BadLength: "length", http1.BadChunk: "chunk", http1.BadField: "field", http1.FramedInVain: "in vain", http1.BadCoding: "coding"}

func told(a *http1.Answer) string {
	said := fmt.Sprint(a.Status)
	content := string(a.Content)
	switch {
	case strings.HasPrefix(content, "method: "):
		if strings.Contains(content, "target: /inspect?next\nhost: a\n") {
			said = "next"
			break
		}
		for line := range strings.Lines(content) {
			line = strings.TrimSuffix(line, "\n")
			if probe, found := strings.CutPrefix(line, "field X-Probe: "); found {
				if len(probe) > 40 {
					probe = fmt.Sprintf("%.20s…%d", probe, len(probe))
				}
				said += fmt.Sprintf("[%q]", probe)
			}
			if host, found := strings.CutPrefix(line, "host: "); found && host != "a" {
				said += "[host " + host + "]"
			}
		}
	case len(a.Values("Content-Type")) == 1 && a.Values("Content-Type")[0] == "application/octet-stream":
		if len(content) > 30 {
			content = fmt.Sprintf("%.3s…%d", content, len(content))
		}
		said += "[" + content + "]"
	}
	if len(a.Flaws) > 0 {
		said += "{" + flaws[a.Flaws[0].Kind] + "}"
	}
	if !a.Whole {
		said += "…"
	}
	return said
}

// deliveries calls try for the stream in two segments, cut at each of the first 400 offsets and at some of the others, and
// byte by byte, or in pieces of 997 bytes where that is long.
func deliveries(stream string, try func(segments ...string)) {
	step := 1
	if testing.Short() {
		step = 1 + len(stream)/16
	}
	for i := 1; i < len(stream); i += step {
		if i > 400 || i > 64 && len(stream) > 64<<10 {
			step = max(step, len(stream)/16)
		}
		try(stream[:i], stream[i:])
	}
	size := 1
	if len(stream) > 4<<10 {
		size = 997
	}
	var pieces []string
	for piece := range slices.Chunk([]byte(stream), size) {
		pieces = append(pieces, string(piece))
	}
	try(pieces...)
}

// named returns the server of that name.
func named(t *testing.T, name string) web.Fault {
	t.Helper()
	for _, f := range slices.Concat(web.Faults(), web.Odd(), web.Constant(), []web.Fault{right}) {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no server is named %s", name)
	return right
}
