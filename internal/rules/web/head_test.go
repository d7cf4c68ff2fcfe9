package web

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// inspected are the paths of the reference's demonstration.
var inspected = service.Options{PostPath: "/echo", EchoPath: "/inspect"}

// An edit is a mistake: what a server reads instead of what came, in so many reads.
type edit func(text string, reads int) string

// What an edit returns behind which the server reads on for ever, and behind which it ends the connection.
const (
	unread    = "\x00unread"
	endedHere = "\x00ended"
)

// An editedListener has the reference read what an edit makes of each message and of what follows it in the same segment.
type editedListener struct {
	net.Listener
	edit edit
}

func (l editedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &editedConn{Conn: c, edit: l.edit}, nil
}

type editedConn struct {
	net.Conn
	edit  edit
	ready []byte
	err   error
}

func (c *editedConn) Read(b []byte) (int, error) {
	for len(c.ready) == 0 && c.err == nil {
		c.fill()
	}
	if len(c.ready) == 0 {
		return 0, c.err
	}
	n := copy(b, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

// fill reads until a head is whole.
func (c *editedConn) fill() {
	var text []byte
	part := make([]byte, 256<<10)
	for reads := 1; ; reads++ {
		n, err := c.Conn.Read(part)
		text = append(text, part[:n]...)
		c.err = err
		if err == nil && !bytes.Contains(text, []byte("\r\n\r\n")) {
			continue
		}
		switch edited := c.edit(string(text), reads); edited {
		case unread:
		case endedHere:
			c.err = io.EOF
		default:
			c.ready = []byte(edited)
		}
		return
	}
}

// serveEdited serves the reference's demonstration with a mistake.
func serveEdited(t *testing.T, e edit) net.Listener {
	l := listen(t)
	s := reference.NewTCPServer(reference.Config{Handler: http1.Demo, Listen: func(string) (net.Listener, error) { return editedListener{l, e}, nil }})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.ServeForever() }()
	t.Cleanup(func() { _ = s.Close() })
	return l
}

// A mistake is an edit, and what the shape of a rule says of it; "" is what the rule shows besides its shapes.
type mistake struct {
	requirement, shape string
	grade              finding.Grade
	says               string
	edit               edit
}

// replaced is an edit.
func replaced(from, to string) edit {
	return func(text string, _ int) string { return strings.Replace(text, from, to, 1) }
}

// hangs is an edit of what begins so.
func hangs(begin string) edit {
	return func(text string, _ int) string {
		if strings.HasPrefix(text, begin) {
			return unread
		}
		return text
	}
}

// findMistakes holds that rules find them. What does not hang on how the bytes come is asked in one segment.
func findMistakes(t *testing.T, rules []ask.Rule, all []mistake) {
	for _, m := range all {
		t.Run(m.requirement+" "+m.shape, func(t *testing.T) {
			r := ruleAmong(t, rules, m.requirement)
			if m.shape == "" {
				r.Shapes = nil
			} else {
				i := slices.IndexFunc(r.Shapes, func(h ask.Shape) bool { return h.Name == m.shape })
				r.Shapes, r.Also = []ask.Shape{r.Shapes[i]}, nil
				r.Shapes[0].Whole = r.Shapes[0].Whole || !strings.Contains(m.says, "(FRAM-2)")
			}
			l := serveEdited(t, m.edit)
			s := visit(t, l, inspected)
			if strings.Contains(m.says, service.Waiting.String()) { // which it does however long it is waited for
				s = pointed(t, s.service, l)
			}
			f, observed := s.show(t.Context(), r)
			if !f.Failed() || f.Grade != m.grade || !strings.Contains(f.Problem, m.says) {
				t.Errorf("found %s; wanted %q of grade %d; observed %s", wordsOf(f), m.says, m.grade, observed)
			}
			holdExpected(t, f)
		})
	}
	for _, r := range rules {
		if !slices.ContainsFunc(all, func(m mistake) bool { return m.requirement == r.Requirement }) {
			t.Errorf("no mistake of %s is made", r.Requirement)
		}
	}
}

func wordsOf(f *finding.Finding) string {
	if f == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s %s (%d)", f.Kind, f.Problem, f.Grade)
}

func ruleAmong(t *testing.T, rules []ask.Rule, requirement string) ask.Rule {
	t.Helper()
	i := slices.IndexFunc(rules, func(r ask.Rule) bool { return r.Requirement == requirement })
	if i < 0 {
		t.Fatalf("there is no rule of %s", requirement)
	}
	return rules[i]
}

// goInspected is the reference's demonstration on net/http.
var goInspected = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	known := map[string][]string{"/": {"GET", "HEAD"}, "/echo": {"POST"}, "/inspect": {"GET", "POST"}}
	methods, found := known[r.URL.Path]
	switch {
	case !slices.Contains([]string{"GET", "HEAD", "POST", "OPTIONS"}, r.Method):
		http.Error(w, "This server does not know the method.", http.StatusNotImplemented)
	case !found:
		http.NotFound(w, r)
	case !slices.Contains(methods, r.Method):
		http.Error(w, "The method is not one of this resource.", http.StatusMethodNotAllowed)
	case r.URL.Path == "/":
		_, _ = io.WriteString(w, "I am net/http.\n")
	case r.URL.Path == "/echo":
		_, _ = io.Copy(w, r.Body)
	default:
		_, _ = fmt.Fprintf(w, "target: %s\nhost: %s\nx-probe: %s\n", r.RequestURI, r.Host, strings.Join(r.Header.Values("X-Probe"), ", "))
	}
})

// shapeByShape is what each shape of rules comes to by itself, and what a rule shows besides; nothing is said of those that pass.
func (s *site) shapeByShape(t *testing.T, rules []ask.Rule) map[string]string {
	all := map[string]string{}
	show := func(name string, r ask.Rule) {
		switch f, observed := s.show(t.Context(), r); {
		case f.Failed():
			all[name] = map[finding.Grade]string{finding.Warns: "warn: ", finding.Fails: "fail: "}[f.Grade] + f.Problem
		case f != nil:
			all[name] = f.Kind.String() + ": " + f.Problem
		case len(observed) > 0:
			all[name] = "info: " + strings.Join(observed, "; ")
		}
	}
	for _, r := range rules {
		for _, h := range r.Shapes {
			show(r.Requirement+" "+h.Name, ask.Rule{Requirement: r.Requirement, Lacks: r.Lacks, Shapes: []ask.Shape{h}})
		}
		if r.Also != nil {
			show(r.Requirement+" besides", ask.Rule{Requirement: r.Requirement, Lacks: r.Lacks, Also: r.Also})
		}
	}
	return all
}

// holdShapes holds that shapes come to what is wanted, by the beginnings of their names: all of the parts of it that … divides.
func holdShapes(t *testing.T, all, wanted map[string]string) {
	t.Helper()
	met := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		best := ""
		for begin := range wanted {
			if strings.HasPrefix(name+" ", begin+" ") && len(begin) > len(best) {
				best = begin
			}
		}
		met[best] = true
		for part := range strings.SplitSeq(wanted[best], " … ") {
			if best == "" || !strings.Contains(all[name], part) {
				t.Errorf("%s came to %q; wanted %q", name, all[name], wanted[best])
				break
			}
		}
	}
	for begin := range wanted {
		if !met[begin] {
			t.Errorf("nothing was said of %s; wanted %q", begin, wanted[begin])
		}
	}
}

// useless are servers that pass nothing, by what they do with a connection.
var useless = map[string]func(net.Conn){
	"says nothing":        func(c net.Conn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() },
	"closes at once":      func(c net.Conn) { _ = c.Close() },
	"answers 200 to all":  func(c net.Conn) { answerAll(c, "200 OK") },
	"answers 400 to all":  func(c net.Conn) { answerAll(c, "400 Bad Request") },
	"answers 404 to all":  func(c net.Conn) { answerAll(c, "404 Not Found") },
	"refuses, and closes": func(c net.Conn) { answerOne(c, "400 Bad Request"); _ = c.Close() },
}

// answerOne answers what comes in one read; it is false at the end.
func answerOne(c net.Conn, status string) bool {
	if n, _ := c.Read(make([]byte, 64<<10)); n == 0 {
		return false
	}
	_, err := fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Length: 3\r\n\r\nall", status)
	return err == nil
}

func answerAll(c net.Conn, status string) {
	for answerOne(c, status) {
	}
	_ = c.Close()
}

func serveRaw(t *testing.T, serve func(net.Conn)) net.Listener {
	l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l
}

// pointed is what was learned of one server, and another that is asked.
func pointed(t *testing.T, learned *service.Service, l net.Listener) *site {
	t.Helper()
	to, err := target.Address(t.Context(), l.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	return &site{server: player.NewServer(to, d, patience.New(patience.Least).Measured(time.Millisecond), delivery.Auto), service: learned}
}

// passNothing holds that no rule passes a server that serves nobody, whatever was learned.
func passNothing(t *testing.T, rules []ask.Rule) {
	learned := visit(t, serveReference(t), inspected).service
	var all sync.WaitGroup
	for name, serve := range useless {
		s := pointed(t, learned, serveRaw(t, serve))
		for _, r := range rules {
			all.Go(func() {
				if f, observed := s.show(t.Context(), r.Uncut()); f == nil {
					t.Errorf("%s of a server that %s: nothing was found, and observed %q", r.Requirement, name, observed)
				}
			})
		}
	}
	all.Wait()
}

// TestHeadsWhereEachConnectionEnds holds that nothing is said to be right of a server that ends each connection which only what follows a
// message could show (R3), and that nothing is said to be wrong but what is.
func TestHeadsWhereEachConnectionEnds(t *testing.T) {
	l := listen(t)
	server := &http.Server{Handler: goInspected}
	server.SetKeepAlivesEnabled(false)
	go func() { _ = server.Serve(l) }()
	const (
		untold = "not shown: the server ends the connection behind "
		taken  = "info: … answered it as it answers a plain request, and ended the connection (200)"
		warned = "warn: … answered it as it answers a plain request, and ended the connection (200)"
	)
	wanted := map[string]string{
		"HREQ-2": taken, "HREQ-3": taken, "HREQ-4": "info: … answered it as it answers a plain request, and ended the connection (501)",
		"HREQ-12 the version HTTP/1.2": taken, "HREQ-12 the version HTTP/1.9": taken, "HREQ-12": "info: … (505)",
		"HREQ-13": taken, "HREQ-13 OPTIONS *": "info: … answered it otherwise than a plain request, and ended the connection (200)",
		"HFLD-3 Host: a:8x": warned, "HFLD-3 Host: a:1:1": warned, "HFLD-3 Host: [::1": warned, "HFLD-4": "info: … answered it as it answers a plain request",
		"HFLD-10": "info: … refused it, and ended the connection (400)", "HFLD-11": taken, "HFLD-15": taken, "HFLD-17": taken,
		"HFLD-6 a line of SP before the first field": untold, "HFLD-6 HTAB before Content-Length": untold,
	}
	for _, sp := range []string{"SP", "HTAB"} {
		wanted["HFLD-5 "+sp+" behind Content-Length"], wanted["HFLD-5 "+sp+" behind Transfer-Encoding"] = untold, untold
	}
	for _, requirement := range []string{"HREQ-1", "HREQ-8", "HREQ-16", "HFLD-7", "HFLD-8", "HFLD-9", "HFLD-13", "HFLD-14"} {
		wanted[requirement] = untold
	}
	holdShapes(t, visit(t, l, inspected).shapeByShape(t, slices.Concat(hreq(), hfld())), wanted)
}

// TestHeadsWhereNothingIsTold holds that a server is asked the same where what is named for it repeats nothing, and what does not show then
// is said.
func TestHeadsWhereNothingIsTold(t *testing.T) {
	var rules []ask.Rule
	for _, r := range slices.Concat(hreq(), hfld()) {
		rules = append(rules, r.Uncut())
	}
	all := visit(t, serveGo(t, goInspected), service.Options{EchoPath: "/nothing"}).shapeByShape(t, rules)
	for name, words := range map[string]string{
		"HREQ-3 besides":        "not shown: the server does not repeat which host its request is for",
		"HFLD-7 X-Probe folded": "whether it read the fold as a space does not show",
	} {
		if !strings.Contains(all[name], words) {
			t.Errorf("%s came to %q; wanted %q", name, all[name], words)
		}
		delete(all, name)
	}
	told := visit(t, serveGo(t, goInspected), inspected).shapeByShape(t, rules)
	if !maps.Equal(all, told) {
		t.Errorf("%q\nwas found where nothing is told, and\n%q\nwhere the paths are", all, told)
	}
}

// TestBareAnswers holds that an answer in HTTP/0.9, which has no status, is neither taken for a refusal nor for what is wrong.
func TestBareAnswers(t *testing.T) {
	learned := visit(t, serveReference(t), inspected).service
	l := serveRaw(t, func(c net.Conn) {
		defer func() { _ = c.Close() }()
		b := make([]byte, 64<<10)
		n, _ := c.Read(b)
		if !bytes.HasPrefix(b[:n], []byte("GET / HTTP/1.1\r\nHost")) {
			_, _ = io.WriteString(c, "<p>no\n")
			return
		}
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(learned.Control.Get.Content), learned.Control.Get.Content)
	})
	to, err := target.Address(t.Context(), l.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	s := &site{server: player.NewServer(to, d, patience.New(0).Measured(time.Millisecond), delivery.Auto), service: learned}
	const bare = "info: … answered with what is no HTTP/1.1"
	holdShapes(t, s.shapeByShape(t, []ask.Rule{ruleAmong(t, hreq(), "HREQ-10").Uncut(), ruleAmong(t, hreq(), "HREQ-11").Uncut(), ruleAmong(t, hreq(), "HREQ-15").Uncut(), ruleAmong(t, hreq(), "HREQ-17").Uncut()}),
		map[string]string{"HREQ-10": bare, "HREQ-11": bare, "HREQ-15": bare, "HREQ-17": bare})
}
