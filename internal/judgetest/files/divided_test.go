package files

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// lengthsAtOnce serves frames behind a length of four bytes, each of which it takes to come in one read.
func lengthsAtOnce(c judgetest.Conn, _ int) {
	const most = 64 << 10
	in := bufio.NewReaderSize(c, 4096)
	for frame := make([]byte, most); ; {
		if _, err := in.Peek(1); err != nil || in.Buffered() < 4 {
			return
		}
		head, _ := in.Peek(4) // they are there
		n := binary.BigEndian.Uint32(head)
		if _, err := in.Discard(4); err != nil || n > most {
			return
		}
		if _, err := io.ReadFull(in, frame[:n]); err != nil {
			return
		}
		if _, err := c.Write([]byte("\x00\x00\x00\x03+OK")); err != nil {
			return
		}
	}
}

// TestMessagesDividedByChance: many messages that are sent at once are divided anywhere. A server that breaks wherever a length is divided is told
// to by what divides it on purpose, and not by what asks for volume.
func TestMessagesDividedByChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.Serving(t, "frames", lengthsAtOnce)
		cfg.Dialect, cfg.Exchange = "test.yaml", judgetest.ExchangeFile(t, `protocol: frames
pipelines: true
exchanges:
  - {name: set, send: {length: u32, of: "Skey-{{conn}}, hello"}, expect: {length: u32, of: "+OK"}}
`)
		cfg.Only = "LIFE-2,FRAM-1..3,FLOW-1"
		rep := judgetest.Judge(t, cfg)
		if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"FRAM-2", "FRAM-3"}) {
			t.Errorf("broken: %q: %s", broken, judgetest.Told(rep))
		}
		if r := judgetest.Result(t, rep, "FLOW-1"); r.Verdict != report.Skip || !strings.Contains(r.Reason, "comes byte by byte is not answered rightly (FRAM-3)") {
			t.Errorf("FLOW-1: %s: %s", r.Verdict, r.Reason)
		}
	})
}
