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

// judgedFamilies are those whose rules are held against the faults here.
var judgedFamilies = []string{"HSEM"}

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

// found are what the rules find that are named, or of which the families are, by requirement.
func (j judged) found(t *testing.T, named ...string) map[string]*finding.Finding {
	all := map[string]*finding.Finding{}
	for _, r := range rules.Rules() {
		if slices.Contains(named, r.Requirement) || slices.Contains(named, r.Requirement[:4]) {
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

// TestFaultsAreCaught holds that each fault of these families is found by the requirement that it breaks.
func TestFaultsAreCaught(t *testing.T) {
	for _, f := range web.Faults() {
		if !slices.Contains(judgedFamilies, f.Requirement[:4]) {
			continue
		}
		virtually(t, f.Name, func(t *testing.T) {
			j, unlearned := judge(t, f, paths)
			if unlearned != nil {
				t.Fatal(unlearned.Problem)
			}
			if found := j.found(t, f.Requirement)[f.Requirement]; !found.Is(finding.Broken) {
				t.Errorf("%s does not find it, but %+v", f.Requirement, found)
			}
		})
	}
}

// TestRightIsNotBlamed holds that nothing is found in right servers, however odd they look. What they cannot show is said.
func TestRightIsNotBlamed(t *testing.T) {
	for _, f := range append(web.Odd(), right) {
		virtually(t, f.Name, func(t *testing.T) {
			j, unlearned := judge(t, f, paths)
			if unlearned != nil {
				if !strings.HasPrefix(f.Name, "always-") {
					t.Error(unlearned.Problem)
				}
				return
			}
			for requirement, found := range j.found(t, judgedFamilies...) {
				if found != nil {
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
			for requirement, found := range j.found(t, judgedFamilies...) {
				if found == nil {
					t.Errorf("%s passes", requirement)
				}
			}
		})
	}
}
