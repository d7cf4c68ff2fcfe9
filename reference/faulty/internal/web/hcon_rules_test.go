package web_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	rules "github.com/streamspec/streamspec/internal/rules/web"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// ruled judges a server by the rule of a requirement, or those of a family, in virtual time; learned is what was learned of another server, nil
// where it is to be learned of this one.
func ruled(t *testing.T, f web.Fault, by string, learned *service.Service, told func(requirement string, f *finding.Finding, observed []string)) *service.Service {
	t.Helper()
	s := start(f)
	defer s.stop()
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	server := player.NewServer(target.InProcess(f.Name, "in memory", nil, nil, 0), d, patience.New(0).Measured(time.Millisecond), delivery.Auto)
	server.Connect = delivery.DialOver(s.listener.Connect)
	if learned == nil {
		learned = service.New("example.test", service.Options{PostPath: "/echo", EchoPath: "/inspect"})
		p := server.Player("learn")
		defer p.Done()
		if f := learned.Learn(t.Context(), p); f != nil {
			return nil // of which the suite says why it cannot be judged
		}
	}
	for _, r := range rules.Rules() {
		if family, _, _ := strings.Cut(r.Requirement, "-"); by != family && by != r.Requirement {
			continue
		}
		b := bench.New(server, r.Requirement, r.Requirement, 1)
		found := r.Show(t.Context(), b, learned)
		told(r.Requirement, found, b.Counted().Observed)
		b.Done()
	}
	return learned
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

// TestConnectionRules: the rules of the connection find each fault by its requirement, blame no right server, and pass none that gives everybody
// the same.
func TestConnectionRules(t *testing.T) {
	const family = "HCON"
	virtually := func(name string, test func(t *testing.T)) {
		t.Run(name, func(t *testing.T) { t.Parallel(); synctest.Test(t, test) })
	}
	for _, f := range web.Faults() {
		if strings.HasPrefix(f.Requirement, family+"-") {
			virtually(f.Name, func(t *testing.T) {
				asked := false
				ruled(t, f, f.Requirement, nil, func(requirement string, found *finding.Finding, observed []string) {
					says, warned := strings.CutPrefix(words[f.Name], "W ")
					if asked = true; says == "" || !found.Failed() || found.Grade == finding.Warns != warned || !strings.Contains(found.Problem, says) {
						t.Errorf("%s does not find it by %q: %+v, and observes %q", requirement, says, found, observed)
					}
				})
				if !asked {
					t.Error("nothing was asked")
				}
			})
		}
	}
	for _, f := range append(web.Odd(), right) {
		virtually(f.Name, func(t *testing.T) {
			ruled(t, f, family, nil, func(requirement string, found *finding.Finding, _ []string) {
				warned := f.Name == "closes-after-each" && requirement == "HCON-1" && found.Failed() && found.Grade == finding.Warns
				if found != nil && !found.Is(finding.NotShown) && !warned {
					t.Errorf("%s blames a right server: %s", requirement, found.Problem)
				}
			})
		})
	}
	for _, f := range web.Constant() {
		virtually(f.Name, func(t *testing.T) {
			learned := ruled(t, right, "", nil, nil)
			ruled(t, f, family, learned, func(requirement string, found *finding.Finding, _ []string) {
				if found == nil {
					t.Errorf("%s passes", requirement)
				}
			})
		})
	}
}
