package files

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// serveFrames answers each frame with its length. It keeps nothing of them, or what they are ("kept"), or while one comes, each beginning of it
// that has come ("beginnings").
func serveFrames(how, addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var kept [][]byte
	judgetest.Accepting(l, func(c net.Conn) {
		for head, part := make([]byte, 4), make([]byte, 64<<10); ; {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			frame, beginnings := []byte(nil), [][]byte(nil)
			for size := int(min(binary.BigEndian.Uint32(head), 4<<20)); len(frame) < size; {
				n, err := c.Read(part[:min(len(part), size-len(frame))])
				if err != nil {
					return
				}
				if frame = append(frame, part[:n]...); how == "beginnings" {
					beginnings = append(beginnings, bytes.Clone(frame))
				}
			}
			if how == "kept" {
				mu.Lock()
				kept = append(kept, frame)
				mu.Unlock()
			}
			_, _ = fmt.Fprintln(c, len(frame)) // the client sees how far it comes
			runtime.KeepAlive(beginnings)
		}
	})
	return nil
}

// TestMemoryOfMessages: a server that keeps what it was sent is blamed where its file says that it keeps nothing, and one whose memory grows with
// the square of a message's length is; others are not.
func TestMemoryOfMessages(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves gigabytes, which takes the race detector minutes")
	}
	if runtime.GOOS != "linux" {
		t.Skip("a process is observed on Linux alone")
	}
	forgets := strings.Replace(freeFrames, `+\n'}`, `+\n'}, forgets: true`, 1)
	for name, test := range map[string]struct {
		how, file string
		verdict   report.Verdict
		says      string
	}{
		"right":                   {"frames-right", forgets, report.Pass, "during a message with a part of 524288 bytes in small pieces"},
		"kept":                    {"frames-kept", forgets, report.Fail, "the server's memory grows by every request and does not shrink again"},
		"kept, and may be":        {"frames-kept", freeFrames, report.Pass, "MiB during a message with a part of 524288 bytes in small pieces"},
		"beginnings that it kept": {"frames-beginnings", freeFrames, report.Fail, "each of its beginnings is kept that has come so far"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := target.Start(t.Context(), judgetest.Launcher(t, test.how, "line"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close(t.Context()) })
			r := judgetest.Result(t, judgetest.Judge(t, judge.Config{Target: server, Dialect: "test.yaml", Exchange: judgetest.ExchangeFile(t, test.file), Only: "FRAM-1,ROBU-2", Seed: 1}), "ROBU-2")
			if r.Verdict != test.verdict || !strings.Contains(r.Reason+r.Observed, test.says) {
				t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
			}
		})
	}
}
