package fuzzer_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
)

// role makes this test binary a reference server of that dialect, for what is measured against another process.
const role = "STREAMSPEC_FUZZ_TEST_SERVES"

func TestMain(m *testing.M) {
	if d := os.Getenv(role); d != "" {
		if err := serve(d); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve serves until its standard input ends.
func serve(d string) error {
	h, _ := reference.HandlerFor(d)
	s := reference.NewTCPServer(reference.Config{Handler: h})
	if err := s.Listen(); err != nil {
		return err
	}
	fmt.Println(s.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends with the parent
		_ = s.Close()
	}()
	_ = s.ServeForever() // it is closed above
	return nil
}

// elsewhere starts a reference server in another process, and returns its address.
func elsewhere(t testing.TB, d string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), role+"="+d)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = c.Wait() // it ends with its input
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// segments draws the plan of one client that sends one line in three segments.
func segments(d dialect.Dialect, src fuzz.Source, _ fuzz.Limits) plan.Plan {
	c := plan.Client{Requests: []plan.Request{plan.Of("a line of text\n")}, End: delivery.HalfClose}
	first := 1 + src.IntN(6)
	c.Cuts = []delivery.Cut{{At: first}, {At: first + 1 + src.IntN(6)}}
	return plan.Plan{Dialect: d.Name(), Clients: []plan.Client{c}}
}

// bare connects, writes three segments without knowing whether they were read separately, reads and closes, n times. With a
// pause it is what others do.
func bare(t testing.TB, addr string, n int, pause time.Duration) {
	buf := make([]byte, 64)
	for range n {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		for i, part := range []string{"a li", "ne of te", "xt\n"} {
			if i > 0 {
				time.Sleep(pause)
			}
			_, _ = io.WriteString(c, part) // the answer shows it
		}
		_ = c.(*net.TCPConn).CloseWrite()
		got := 0
		for {
			k, err := c.Read(buf)
			if got += k; err != nil {
				break
			}
		}
		if got != len("a line of text\n") {
			t.Errorf("%d bytes came", got)
		}
		c.Close()
	}
}

// beside runs f in so many goroutines, and returns how long all took.
func beside(n int, f func()) time.Duration {
	begin := time.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(f)
	}
	all.Wait()
	return time.Since(begin)
}

// BenchmarkPlans tells how many plans of three confirmed segments are played a second, as ratios taken in one run: to a bare
// loop that confirms nothing, one or as many side by side; to one that sleeps 5 ms a cut; and on connections that are kept.
func BenchmarkPlans(b *testing.B) {
	addr, kept := elsewhere(b, "line"), elsewhere(b, "script")
	const n, side = 2000, 16
	var bareTime, bareBeside, fuzzTime, keptTime, naive time.Duration
	count := 0
	for b.Loop() {
		count++
		bareTime += beside(1, func() { bare(b, addr, n, 0) })
		bareBeside += beside(side, func() { bare(b, addr, n/side, 0) })
		naive += beside(1, func() { bare(b, addr, n/100, 5*time.Millisecond) })
		fuzzTime += played(b, judge.Config{Addr: addr, Dialect: "line"}, n, side, segments)
		keptTime += played(b, judge.Config{Addr: kept, Dialect: "script"}, n/20, side, func(d dialect.Dialect, src fuzz.Source, _ fuzz.Limits) plan.Plan {
			return rounds(d.(dialect.Model), src, 20)
		})
	}
	rate := func(d time.Duration) float64 { return float64(n*count) / d.Seconds() }
	b.ReportMetric(rate(fuzzTime), "plans/s")
	b.ReportMetric(rate(fuzzTime)/rate(bareTime), "of-bare")
	b.ReportMetric(rate(fuzzTime)/rate(bareBeside), "of-bare-beside")
	b.ReportMetric(rate(keptTime)/rate(fuzzTime), "kept-of-fuzz")
	b.ReportMetric(rate(keptTime)/rate(bareTime), "kept-of-bare")
	b.ReportMetric(rate(fuzzTime)/(rate(naive)/100), "of-naive")
}

// played is how long the plans of a run take, without what comes before them.
func played(b *testing.B, cfg judge.Config, plans, clients int, draw func(dialect.Dialect, fuzz.Source, fuzz.Limits) plan.Plan) time.Duration {
	s, err := judge.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(context.WithoutCancel(b.Context()))
	r, err := fuzz.On(b.Context(), s, fuzz.Config{Suite: cfg, Plans: plans, Clients: clients, Draw: draw})
	if err != nil {
		b.Fatal(err)
	}
	if len(r.Failures) > 0 || r.Trouble != "" || r.Plans != plans {
		b.Fatal(told(r))
	}
	if r.Confirms && r.Cuts.Confirmed != r.Cuts.Made {
		b.Logf("%d of %d cuts confirmed", r.Cuts.Confirmed, r.Cuts.Made)
	}
	return r.Elapsed
}

// BenchmarkDraw tells what a plan costs before it is played.
func BenchmarkDraw(b *testing.B) {
	for _, d := range dialect.All() {
		b.Run(d.Name(), func(b *testing.B) {
			for n := uint64(0); b.Loop(); n++ {
				if _, err := due.To(d, fuzz.Draw(d, fuzz.Seeded(1, n), all)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// rounds is the plan of one client that keeps its connection and waits for each of its answers: n requests, each in three
// segments, of a dialect in which requests are answered one by one.
func rounds(m dialect.Model, src fuzz.Source, n int) plan.Plan {
	c := plan.Client{End: delivery.HalfClose}
	at := 0
	for range n {
		text := string(dialect.Text(8, uint64(src.IntN(1<<30)))) + "\n"
		if _, script := m.(dialect.Script); script {
			text = "READLINE\n" + text + "SEND\n"
		}
		c.Requests = append(c.Requests, plan.Request{Pieces: []plan.Piece{plan.Text(text)}})
		c.Awaits = append(c.Awaits, at+len(text))
		first := 1 + src.IntN(len(text)-2)
		second := first + 1 + src.IntN(len(text)-first-1)
		c.Cuts = append(c.Cuts, delivery.Cut{At: at + first}, delivery.Cut{At: at + second})
		at += len(text)
	}
	return plan.Plan{Dialect: m.Name(), Clients: []plan.Client{c}}
}
