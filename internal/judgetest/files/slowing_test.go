package files

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// freeFrames is a protocol of frames of a length that is free, each of which is answered with that length.
const freeFrames = `protocol: frames
pipelines: true
exchanges:
  - {name: grow, send: {length: u32, of: {grow: {from: 1, to: 2097152, of: "abc"}}}, expect: {pattern: '[0-9]+\n'}}
`

// TestSlowing: a server that is slow for each byte, or slow for all that is more than some, is not told to get ever slower; one that goes
// over all that has come with each part is, by ROBU-2 alone.
func TestSlowing(t *testing.T) {
	judgetest.Table(t)
	const second = float64(time.Second)
	for name, s := range map[string]struct {
		takes   func(n float64) float64 // for n bytes
		verdict report.Verdict
		says    string // by a reason, or what was observed
	}{
		"quick":                 {func(float64) float64 { return 0 }, report.Pass, "a message with a part of 2097152 bytes takes "},
		"a second for 64 KiB":   {func(n float64) float64 { return n / (64 << 10) * second }, report.Pass, "in part: the server is slow, and 2 MiB would take about 32s: left out"},
		"a second for 1 MiB":    {func(n float64) float64 { return n / (1 << 20) * second }, report.Pass, "takes 2s"},
		"slow behind 30 KiB":    {func(n float64) float64 { return max(n-30<<10, 0) / (64 << 10) * second }, report.Pass, "left out"},
		"slow behind 100 KiB":   {func(n float64) float64 { return max(n-100<<10, 0) / (64 << 10) * second }, report.Pass, "left out"},
		"slow behind 500 KiB":   {func(n float64) float64 { return max(n-500<<10, 0) / (64 << 10) * second }, report.Pass, "left out"},
		"once around for each":  {func(n float64) float64 { return n * n / (256 << 10) / (256 << 10) * 4 * second }, report.Fail, "gets ever slower the more comes: 262144 bytes took it 4s, a quarter of that 250ms, and a sixteenth 15.6ms"},
		"around, and by a byte": {func(n float64) float64 { return n*n/(256<<10)/(256<<10)*4*second + n/(1<<20)*second }, report.Fail, "gets ever slower"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "frames", func(c judgetest.Conn, _ int) {
				for head := make([]byte, 4); ; {
					if _, err := io.ReadFull(c, head); err != nil {
						return
					}
					n := binary.BigEndian.Uint32(head)
					if n > 2<<20 {
						return
					}
					if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
						return
					}
					time.Sleep(time.Duration(s.takes(float64(n))))
					if _, err := fmt.Fprintln(c, n); err != nil {
						return
					}
				}
			})
			cfg.Dialect, cfg.Exchange, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, freeFrames), 1
			cfg.Only, cfg.Timeout = "FRAM-12,ROBU-2", 10*time.Second
			rep := judgetest.Judge(t, cfg)
			r := judgetest.Result(t, rep, "ROBU-2")
			if r.Verdict != s.verdict || !strings.Contains(r.Reason+r.Observed, s.says) {
				t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
			}
			if blamed := judgetest.Having(rep, report.Fail, report.Warn); len(blamed) > 1 || len(blamed) == 1 && blamed[0] != "ROBU-2" {
				t.Errorf("blamed for %s: %s", blamed, judgetest.Told(rep))
			}
		})
	}
}

// TestFloodOfAServerThatWaits: a server that waits for each of its reads, and does not work meanwhile, has nothing that it goes over ever
// longer: it is not asked for twice as much again and again. One that works for as long is.
func TestFloodOfAServerThatWaits(t *testing.T) {
	for name, share := range map[string]time.Duration{"waits": 0, "works": 1} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			const each = 200 * time.Millisecond
			var worked atomic.Int64
			cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
				for buf := make([]byte, 32<<10); ; {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					worked.Add(int64(share * each))
					time.Sleep(each)
					if _, err := c.Write(buf[:n]); err != nil {
						return
					}
				}
			})
			const nobody = 1 << 30 // no process has that id
			cfg.Target = target.InProcess("handmade", cfg.Target.Address, nil, nil, nobody)
			looked := 0
			cfg.Figures = func(int) (kernel.Figures, error) {
				looked++
				did := time.Duration(worked.Load())
				return kernel.Figures{CPU: did, Ready: did}, nil
			}
			cfg.Only = "ROBU-2"
			rep := judgetest.Judge(t, cfg)
			if r := judgetest.Result(t, rep, "ROBU-2"); r.Verdict == report.Fail || share == 0 && rep.DurationMS > 60_000 || looked == 0 {
				t.Errorf("%s: %s after %.0f s; %d looks", r.Verdict, r.Reason, rep.DurationMS/1000, looked)
			}
		})
	}
}
