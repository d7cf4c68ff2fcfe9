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
					if asked = true; !found.Failed() {
						t.Errorf("%s does not find it: %+v, and observes %q", requirement, found, observed)
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
