package web_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	rules "github.com/streamspec/streamspec/internal/rules/web"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// A judged server is asked in memory, in virtual time.
type judged struct {
	server  *player.Server
	service *service.Service
}

// judge learns a server; what it finds is that it cannot be judged.
func judge(t *testing.T, f web.Fault, o service.Options) (j judged, unlearned *finding.Finding) {
	l := inmemory.ListenTCP(0)
	s := web.NewServer(f, reference.Config{})
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	j.server = player.NewServer(target.InProcess("faulty", "in memory", nil, nil, 0), d, patience.New(0).Measured(time.Millisecond), delivery.Auto)
	j.server.Connect = delivery.DialOver(l.Connect)
	j.service = service.New("example.test", o)
	p := j.server.Player("learn")
	defer p.Done()
	return j, j.service.Learn(t.Context(), p)
}

// found are what the rules of these requirements find, or all where none is named; or their whole messages alone.
func (j judged) found(t *testing.T, cut bool, named ...string) map[string]*finding.Finding {
	all := map[string]*finding.Finding{}
	for _, r := range rules.Rules() {
		if !cut {
			r = r.Uncut()
		}
		if len(named) == 0 || slices.Contains(named, r.Requirement) {
			b := bench.New(j.server, r.Requirement, r.Requirement, 1)
			all[r.Requirement] = r.Show(t.Context(), b, j.service)
			b.Done()
		}
	}
	return all
}

var paths = service.Options{PostPath: "/echo", EchoPath: "/inspect"}

func virtually(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// words are what the rules say of each fault, and how it counts: W where it is warned of.
var words = map[string]string{
	"closes-always": "W GET, and GET behind its answer: the server answered it as it answers a plain request, and ended the connection (200)", "closes-silently": "none said close",
	"close-exact-match": "Connection: CLOSE: the server answered it (200), and left the connection open", "close-at-idle": "GET behind it: the server answered it as it answers a plain request, and answered what followed",
	"close-unsaid": "W the answer does not say close", "1.0-kept": "HTTP/1.0: the server answered it (200), and left the connection open",
	"pipeline-reordered": "two: answer 1 (404) is not the one to request 1 (GET P)", "pipeline-merged": "two: answer 1 (200) is not the one to request 1 (GET P)",
	"pipeline-dropped": "two: the server answered 1 of 2 requests, and left the connection open", "error-eats-answers": "W of three answers 1 came, and those to good requests are lost",
	"head-with-body": "sent content behind the head of its answer", "length-outlives": "GET P behind POST: it was not answered",
	"head-outlives": "GET P behind HEAD P: it was not answered", "chunked-outlives": "GET P behind POST in chunks: it was not answered",
	"continue-never": "POST with Expect: 100-continue: the server said nothing until the body came", "expect-case": "POST with Expect: 100-Continue: the server said nothing until the body came",
	"continue-is-final": "no final answer came to it, and 1 that are interim", "continue-twice-final": "there was more than one final answer to it (200, 200, 200)",
	"early-answer-leaves-body": "request smuggling: by the RFC the body is", "continue-to-1.0": "the server sent a 100 to a client of HTTP/1.0", "upgrade-any": "an unknown protocol: the server switched to another protocol (101)",
	"fin-cancels": "W GET, and FIN with it: the server did not answer it, and does where FIN comes", "close-with-unread": "W the server answered it (404), and reset the connection",
	"resync-at-blank-line": "Content-Length: +5: request smuggling",
}

// TestFaultsAreCaught holds that each fault is found by the requirement that it breaks, and of some what is said of it.
func TestFaultsAreCaught(t *testing.T) {
	for _, f := range web.Faults() {
		if f.Spins { // in virtual time nothing comes after that
			continue
		}
		virtually(t, f.Name, func(t *testing.T) {
			j, unlearned := judge(t, f, paths)
			if unlearned != nil {
				t.Fatal(unlearned.Problem)
			}
			found := j.found(t, true, f.Requirement)[f.Requirement]
			if !found.Failed() {
				t.Fatalf("%s does not find it, but %+v", f.Requirement, found)
			}
			if says, warned := strings.CutPrefix(words[f.Name], "W "); says != "" && (!strings.Contains(found.Problem, says) || found.Grade == finding.Warns != warned) {
				t.Errorf("%s says of it %q (%d), not %q", f.Requirement, found.Problem, found.Grade, says)
			}
		})
	}
}

// byReads are the right servers whose looks could hang on where a message is cut; of the others, which look odd for another reason, the
// selftest asks that.
var byReads = []string{"strict", "lenient", "answers-early", "small-limits"}

// TestRightIsNotBlamed holds that nothing is found in right servers, however odd they look, but what they are to be warned of. What they cannot show
// is said.
func TestRightIsNotBlamed(t *testing.T) {
	for _, f := range append(web.Odd(), right) {
		virtually(t, f.Name, func(t *testing.T) {
			j, unlearned := judge(t, f, paths)
			if (unlearned != nil) != f.Unjudged {
				t.Errorf("what is learned comes to %+v", unlearned)
			}
			if unlearned != nil {
				return
			}
			for requirement, found := range j.found(t, slices.Contains(byReads, f.Name)) {
				warned := found.Failed() && found.Grade != finding.Fails
				if found != nil && !found.Is(finding.NotShown) && !(warned && slices.Contains(f.Warned, requirement)) {
					t.Errorf("%s: %s %d %s", requirement, found.Kind, found.Grade, found.Problem)
				}
			}
		})
	}
}

// TestConstantPassesNothing holds that a server which gives everybody the same is not judged; and where it is asked for what another was
// learned to be, that it passes nothing.
func TestConstantPassesNothing(t *testing.T) {
	for _, f := range web.Constant() {
		virtually(t, f.Name, func(t *testing.T) {
			learned, unlearned := judge(t, right, paths)
			if unlearned != nil {
				t.Fatal(unlearned.Problem)
			}
			j, unlearned := judge(t, f, paths)
			if unlearned == nil {
				t.Error("it was learned")
			}
			j.service = learned.service
			for requirement, found := range j.found(t, true) {
				if found == nil {
					t.Errorf("%s passes", requirement)
				}
			}
		})
	}
}
