package web

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// measured are the servers by which it is measured how long the messages of HTTP take, over loopback.
var measured = []struct {
	name  string
	serve func(testing.TB) net.Listener
}{
	{"go", func(b testing.TB) net.Listener { return serveGo(b, goDemo) }},
	{"nginx", serveNginx},
	{"reference", serveReference},
}

const nginxConf = `daemon off;
user root;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
worker_processes 1;
events { worker_connections 4000; }
http {
  access_log off;
  client_body_temp_path {dir}/body;
  server {
    listen {address};
    root {dir};
    location = /inspect {
      default_type text/plain;
      return 200 "target: $request_uri\nhost: $host\nx-probe: $http_x_probe\n";
    }
    location = /echo {
      if ($request_method = POST) { return 200 "posted\n"; }
      return 405;
    }
  }
}
`

// serveNginx serves with nginx, which inherits the listener as one of an older nginx, so that nobody waits for it: what comes before it
// accepts waits in the kernel. It has its own folder, and ends with the test.
func serveNginx(t testing.TB) net.Listener {
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed (the Debian package nginx-light)")
	}
	l, dir := listen(t), t.TempDir()
	shared, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shared.Close() }()
	conf := filepath.Join(dir, "nginx.conf")
	for name, text := range map[string]string{conf: strings.NewReplacer("{dir}", dir, "{address}", l.Addr().String()).Replace(nginxConf), filepath.Join(dir, "index.html"): "hello\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := new(bytes.Buffer)
	cmd := exec.CommandContext(t.Context(), program, "-c", conf, "-p", dir)
	cmd.Env = append(os.Environ(), "NGINX=3;")
	cmd.ExtraFiles, cmd.Stderr = []*os.File{shared}, said
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // which ends its workers too
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _ = cmd.Wait(); t.Failed() && said.Len() > 0 {
			t.Logf("nginx: %s", said)
		}
	})
	return l
}

// A tally is what was asked of a server, and what came of it.
type tally struct {
	cases, made, confirmed, left, fails int
}

// show shows a rule.
func (n *tally) show(b *testing.B, s *site, r ask.Rule) {
	one := bench.New(s.server, r.Requirement, r.Requirement, 1)
	defer one.Done()
	f := r.Show(b.Context(), one, s.service)
	if f != nil && !f.Failed() && !f.Is(finding.NotShown) {
		b.Fatalf("%s: %s", r.Requirement, wordsOf(f))
	}
	if f.Failed() && f.Grade == finding.Fails {
		n.fails++
		b.Logf("%s: %s", r.Requirement, wordsOf(f))
	}
	counted := one.Counted()
	n.cases += max(1, len(r.Shapes))
	n.made += counted.Cuts.Made
	n.confirmed += counted.Cuts.Confirmed
	n.left += counted.LeftOut
}

func (n tally) report(b *testing.B) {
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
	b.ReportMetric(0, "ns/op")
	for unit, v := range map[string]int{"cases": n.cases, "cuts": n.made, "confirmed": n.confirmed, "left-out": n.left, "fails": n.fails} {
		b.ReportMetric(float64(v)/float64(b.N), unit)
	}
}

// asked are the shapes of all rules that a server does not lack anything for, each as a rule of its own, so that what one finds keeps
// no other from being asked; with the long ones, which are cut at some of their bytes alone, or without.
func asked(s *site, way func(ask.Rule) ask.Rule, long bool) (all []ask.Rule) {
	for _, r := range Rules() {
		if r.Lacks.Why(s.service) != "" {
			continue
		}
		r.Also = nil
		for _, h := range r.Shapes {
			if h.Lacks.Why(s.service) != "" || !long && len(h.Question(s.service).Bytes) > 4<<10 {
				continue
			}
			r.Shapes = []ask.Shape{h}
			all = append(all, way(r))
		}
	}
	return all
}

// besides is what the rules show besides their shapes.
func besides(s *site) (all []ask.Rule) {
	for _, r := range Rules() {
		if r.Lacks.Why(s.service) == "" && r.Also != nil {
			r.Shapes = nil
			all = append(all, r)
		}
	}
	return all
}

// BenchmarkCases says how long all shapes of all rules take in one segment; that and byte by byte; and those of up to 4 KiB cut in two at
// every byte; and what the rules show besides, which hangs on more than one message. Each is one client's time, one message after another.
func BenchmarkCases(b *testing.B) {
	inTwo := func(r ask.Rule) ask.Rule { return r.In(ask.InTwo) }
	byByte := func(r ask.Rule) ask.Rule { return r.In(ask.ByteByByte) }
	for _, server := range measured {
		b.Run(server.name, func(b *testing.B) {
			s := visit(b, server.serve(b), inspected)
			for _, way := range []struct {
				name  string
				rules []ask.Rule
			}{
				{"whole", asked(s, ask.Rule.Uncut, true)},
				{"bytes", asked(s, byByte, true)},
				{"cuts", asked(s, inTwo, false)},
				{"besides", besides(s)},
			} {
				b.Run(way.name, func(b *testing.B) {
					var n tally
					for b.Loop() {
						for _, r := range way.rules {
							n.show(b, s, r)
						}
					}
					n.report(b)
				})
			}
		})
	}
}

// BenchmarkPairs says how long nine requests take at every offset, and how long at every pair of them as well.
func BenchmarkPairs(b *testing.B) {
	for _, server := range measured {
		b.Run(server.name, func(b *testing.B) {
			s := visit(b, server.serve(b), inspected)
			for _, pairs := range []bool{false, true} {
				r := Pairs().In(ask.InTwo)
				for i := range r.Shapes {
					r.Shapes[i].Pairs = pairs
				}
				b.Run(map[bool]string{false: "offsets", true: "pairs"}[pairs], func(b *testing.B) {
					var n tally
					for b.Loop() {
						n.show(b, s, r)
					}
					n.report(b)
				})
			}
		})
	}
}
