package delivery

import (
	"testing"
	"time"
)

// ways are the ways to keep two segments apart that are compared: each lets time pass after a segment was sent.
var ways = []struct {
	name  string
	apart func(tb testing.TB, c *Conn)
}{
	{"confirmed", func(tb testing.TB, c *Conn) { c.Cut(tb.Context()) }},
	{"acknowledged", func(_ testing.TB, c *Conn) { // SIOCOUTQ alone, without the pause of the fallback
		for i := 0; c.socket.Unacknowledged() > 0; i++ {
			breathe(c.clock, i)
		}
	}},
	{"acknowledged-and-pause", func(tb testing.TB, c *Conn) { c.acknowledge(tb.Context(), defaultCap) }},
	{"sleep-5ms", func(testing.TB, *Conn) { time.Sleep(5 * time.Millisecond) }},
}

// cutMany sends so many segments of 16 bytes to the logging server at addr, keeping them apart in a way, and returns how long
// that took and how many of the cuts between them were reads apart.
func cutMany(tb testing.TB, addr string, cuts int, apart func(tb testing.TB, c *Conn)) (took time.Duration, real int) {
	tb.Helper()
	c := dial(tb, addr, Options{})
	segment := pattern(16)
	begun := time.Now()
	for range cuts {
		if err := c.Send(tb.Context(), segment); err != nil {
			tb.Fatal(err)
		}
		apart(tb, c)
	}
	took = time.Since(begun)
	if err := c.Send(tb.Context(), segment); err != nil {
		tb.Fatal(err)
	}
	ends := readEnds(tb, c)
	for i := 1; i <= cuts; i++ {
		if ends[i*len(segment)] {
			real++
		}
	}
	_ = c.Close()
	return took, real
}

// loads are the states of the machine that the benchmarks are run in.
var loads = []struct {
	name string
	set  func(tb testing.TB)
}{
	{"idle", func(testing.TB) {}},
	{"load", load},
}

// BenchmarkCuts measures the ways to keep two segments apart, with the server in a process of its own: cuts a second, and the
// share of the cuts that were reads apart.
func BenchmarkCuts(b *testing.B) {
	for _, l := range loads {
		b.Run(l.name, func(b *testing.B) {
			addr := start(b, "log")
			l.set(b)
			for _, w := range ways {
				b.Run(w.name, func(b *testing.B) {
					took, real := cutMany(b, addr, b.N, w.apart)
					b.ReportMetric(float64(b.N)/took.Seconds(), "cuts/s")
					b.ReportMetric(100*float64(real)/float64(b.N), "%apart")
				})
			}
		})
	}
}

// BenchmarkRatio measures in one run how many times as many cuts a second can be confirmed as a sleep of 5 ms makes.
func BenchmarkRatio(b *testing.B) {
	for _, l := range loads {
		b.Run(l.name, func(b *testing.B) {
			addr := start(b, "log")
			l.set(b)
			b.ResetTimer()
			var confirmed, slept time.Duration
			var apart int
			const cuts, sleeps = 1000, 20
			for range b.N {
				took, real := cutMany(b, addr, cuts, ways[0].apart)
				confirmed, apart = confirmed+took, apart+real
				took, _ = cutMany(b, addr, sleeps, ways[len(ways)-1].apart)
				slept += took
			}
			b.ReportMetric((slept.Seconds()/sleeps)/(confirmed.Seconds()/cuts), "ratio")
			b.ReportMetric(100*float64(apart)/float64(cuts*b.N), "%apart")
		})
	}
}

// BenchmarkExchange measures one exchange of three confirmed segments on a connection that is kept.
func BenchmarkExchange(b *testing.B) {
	c := dial(b, serve(b, echo), Options{})
	request := pattern(48)
	plan, want := CutAt(16, 32), Want{Any: [][]byte{request}}
	b.ReportAllocs()
	for b.Loop() {
		if a, err := c.Exchange(b.Context(), request, plan, want); err != nil || a.State != Right {
			b.Fatal(a, err)
		}
	}
}

// BenchmarkReceive measures the reading and comparing of 16 MiB.
func BenchmarkReceive(b *testing.B) {
	request := pattern(16 << 20)
	c := dial(b, serve(b, echo), Options{})
	b.SetBytes(int64(len(request)))
	b.ReportAllocs()
	for b.Loop() {
		if a, err := c.Exchange(b.Context(), request, Whole(), Want{Any: [][]byte{request}}); err != nil || a.State != Right {
			b.Fatal(a, err)
		}
	}
}

// BenchmarkNap measures the nap between two late looks, which is to be shorter than the millisecond of the runtime's timers.
func BenchmarkNap(b *testing.B) {
	for b.Loop() {
		nap(longNap)
	}
}
