package web

import (
	"context"
	"net"
	"net/http"
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
	"github.com/streamspec/streamspec/internal/rules/web/ask"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// A site is a server that is judged, in this process.
type site struct {
	server  *player.Server
	service *service.Service
}

// visit learns a server that serves on a listener.
func visit(t testing.TB, l net.Listener, o service.Options) *site {
	t.Helper()
	to, err := target.Address(t.Context(), l.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	s := &site{server: player.NewServer(to, d, patience.New(0).Measured(time.Millisecond), delivery.Auto)}
	s.service = service.New(l.Addr().String(), o)
	p := s.server.Player("learn")
	defer p.Done()
	if f := s.service.Learn(t.Context(), p); f != nil {
		t.Fatalf("%s: %s", f.Kind, f.Problem)
	}
	return s
}

// show shows a rule, and returns what was found and observed.
func (s *site) show(ctx context.Context, r ask.Rule) (*finding.Finding, []string) {
	b := bench.New(s.server, r.Requirement, r.Requirement, 1)
	defer b.Done()
	f := r.Show(ctx, b, s.service)
	return f, b.Counted().Observed
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// serveReference serves the reference's demonstration.
func serveReference(t testing.TB) net.Listener {
	l := listen(t)
	s := reference.NewTCPServer(reference.Config{Handler: http1.Demo, Listen: func(string) (net.Listener, error) { return l, nil }})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.ServeForever() }()
	t.Cleanup(func() { _ = s.Close() })
	return l
}

// serveGo serves with net/http.
func serveGo(t testing.TB, h http.Handler) net.Listener {
	l := listen(t)
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	return l
}

// TestReference: the reference is right by all rules, in memory; `run reference --dialect http1` judges it as a user does.
func TestReference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inmemory.ListenTCP(0)
		s := reference.NewTCPServer(reference.Config{Handler: http1.Demo})
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = s.Serve(l) // until it is closed
		}()
		defer func() {
			_ = s.Close()
			<-served
		}()
		met := meet(t, l, demoPaths)
		for _, r := range Rules() {
			if f, observed := met.show(t.Context(), r); f != nil {
				t.Errorf("%s: %s %s (%d), and observed %q", r.Requirement, f.Kind, f.Problem, f.Grade, observed)
			}
		}
	})
}

// TestServerThatIsGone: of a server that is gone no rule passes, and none says more than that.
func TestServerThatIsGone(t *testing.T) {
	l := serveReference(t)
	s := visit(t, l, service.Options{PostPath: "/echo", EchoPath: "/inspect"})
	_ = l.Close()
	for _, r := range Rules() {
		if f, _ := s.show(t.Context(), r); f == nil || f.Grade != finding.ByLevel {
			t.Errorf("%s of a server that is gone: %+v", r.Requirement, f)
		}
	}
}

// TestReadsAreMessages: of a server that takes a read for a message no requirement says what is wrong with a long one, which may come in several
// reads though it is sent at once: that is FRAM's.
func TestReadsAreMessages(t *testing.T) {
	s := meet(t, on(t, func(c net.Conn) {
		defer linger(c)
		buf := make([]byte, 2<<10)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			answer := &tinyHead{close: n < len("GET /") || string(buf[:len("GET /")]) != "GET /" && string(buf[:len("POST")]) != "POST"}
			status := 200
			switch path := string(buf[:n]); {
			case answer.close:
				status = 400
			case strings.HasPrefix(path, "GET /streamspec"):
				status = 404
			}
			new(tiny).answer(c, answer, status, "naive")
			if answer.close {
				return
			}
		}
	}), service.Options{})
	for _, requirement := range []string{"HREQ-6", "HREQ-7", "HFLD-16"} {
		if f, _ := s.show(t.Context(), ruleOf(t, requirement)); !f.Is(finding.NotShown) || !strings.Contains(f.Problem, "FRAM-2") {
			t.Errorf("%s: %+v", requirement, f)
		}
	}
}

// holdExpected holds that a reader is not told to expect what is told to be wrong.
func holdExpected(t *testing.T, f *finding.Finding) {
	t.Helper()
	if !f.Failed() || strings.Contains(f.Problem, "(FRAM-2)") { // where it is wrong that it comes of some deliveries alone
		return
	}
	for r := service.Taken; r <= service.Alone; r++ {
		words := "the server " + r.String()
		if strings.Contains(f.Problem+" (", words+" (") && strings.Contains(f.Evidence.Pattern+";", words+";") {
			t.Errorf("it is told to be wrong that %s, and to be expected: %s", words, f.Evidence.Pattern)
		}
	}
}
