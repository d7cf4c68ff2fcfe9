package judge_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
)

// mistake is what is said of a fault.
type mistake struct {
	dialect, only, says string // says is empty where there is none
	told                bool   // what a person reads is held too
}

func (d mistake) hold(t *testing.T, fault string, cfg judge.Config) {
	t.Helper()
	cfg.Only, cfg.Seed = d.only, 1
	rep := judgetest.Judge(t, cfg)
	if (rep.Likely == "") != (d.says == "") || !strings.Contains(rep.Likely, d.says) {
		t.Errorf("the likely cause is %q, want %q: %s", rep.Likely, d.says, judgetest.Told(rep))
	}
	if d.told {
		holdEvidence(t, fault, rep)
	}
}

// TestDiagnoses: a pattern over the results points at the mistake that was planted, and none is
// seen where the mistake is another. Of some it holds what a person reads too: see holdEvidence.
func TestDiagnoses(t *testing.T) {
	const none = ""
	for fault, d := range map[string]mistake{
		"read-is-message":   {"line", "FRAM,CLOS-1", "a read is taken for a message", true},
		"partial-dropped":   {"line", "FRAM,CLOS-1", "a read is taken for a message", false},
		"decode-each-read":  {"line", "FRAM,CLOS-1", "each read is decoded by itself", true},
		"crlf-split":        {"line", "FRAM,CLOS-1", "only the cut between them", true},
		"cr-loses-next":     {"line", "FRAM,CLOS-1", "only the cut between them", false},
		"first-line-only":   {"line", "FRAM,CLOS-1", "behind the first request", true},
		"second-after-half": {"line", "FRAM,CLOS-1", none, false}, // a cut is needed too
		"idle-1s":           {"line", "FRAM,CLOS-1", "a time limit", false},
		"lose-byte-4k":      {"echo", "FRAM,CLOS-1", "border of a buffer", true},
		"double-byte-64k":   {"line", "FRAM,CLOS-1", "border of a buffer", false},
		"third-read":        {"line", "FRAM,CLOS-1", none, false},
		"one-read-each":     {"line", "FRAM,CLOS-1", "not read to its end", true},
		"partial-kept":      {"line", "FRAM-1..2,FRAM-10,CLOS-1", none, true},
		"eight-reads":       {"line", "FRAM,CLOS-1", none, false},
		"unicode-strip":     {"line", "LINE", none, true},
		"replacement":       {"line", "CODE", none, true},
		"last-line-dropped": {"line", "LINE,FRAM,CLOS-1", none, true},
		"unemptied":         {"script", "SEND", none, true},
		"never-closes":      {"echo", "LIFE-1..3", none, true},
		"reset-close":       {"line", "FRAM,CLOS", none, false},
		"until-lf":          {"line", "FRAM,CLOS-1", "an answer waits for what comes next", true},
		"answer-to-other":   {"line", "FRAM,CLOS-1,CONC", "comes to another", false},
		"buffer-shared":     {"script", "FRAM,CLOS-1,CONC", "comes to another", false},
		"serial":            {"line", "FRAM,CLOS-1,CONC", none, false},
	} {
		if testing.Short() && !slices.Contains([]string{"read-is-message", "idle-1s", "serial"}, fault) {
			continue
		}
		judgetest.Virtually(t, fault, func(t *testing.T) { d.hold(t, fault, judgetest.FaultyInMemory(t, fault, d.dialect)) })
	}
}

// frames is the file of a protocol of frames: four bytes of length, big endian, before the body.
const frames = `protocol: frames
pipelines: true
exchanges:
  - {name: ask, send: {length: u32, of: "ask {{conn}}"}, expect: {length: u32, of: "ask {{conn}}"}}
  - {name: bye, send: {length: u32, of: "bye"}}
`

// framing answers each frame with itself. more is given what is behind the last whole one, and says what of it is kept for the next
// read, and whether the connection goes on.
func framing(more func(left []byte) ([]byte, bool)) func(judgetest.Conn, int) {
	return func(c judgetest.Conn, _ int) {
		var got []byte
		for b := make([]byte, 4096); ; {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			got = append(got, b[:n]...)
			for len(got) >= 4 && len(got)-4 >= int(binary.BigEndian.Uint32(got)) {
				size := 4 + int(binary.BigEndian.Uint32(got))
				if _, err := c.Write(got[:size]); err != nil {
					return
				}
				got = got[size:]
			}
			on := true
			if len(got) > 0 {
				got, on = more(got)
			}
			if !on {
				return
			}
		}
	}
}

// TestDiagnosesOfFrames is TestDiagnoses of servers whose messages have a header and a body.
func TestDiagnosesOfFrames(t *testing.T) {
	judgetest.Table(t)
	for name, c := range map[string]struct {
		more func(left []byte) ([]byte, bool)
		says string
	}{
		"right":                            {func(left []byte) ([]byte, bool) { return left, true }, ""},
		"the header has to come whole":     {func(left []byte) ([]byte, bool) { return left, len(left) >= 4 }, "only cuts inside its first 4 bytes change the answer"},
		"a short read is no header":        {func(left []byte) ([]byte, bool) { return left[:len(left)*min(len(left)/4, 1)], true }, "only cuts inside its first 4 bytes change the answer"},
		"the length is forgotten":          {func(left []byte) ([]byte, bool) { return left[:len(left)%4*max(0, 1-len(left)/4)], true }, "no cut inside its first 4 bytes changes the answer"},
		"what is not whole is thrown away": {func([]byte) ([]byte, bool) { return nil, true }, "a read is taken for a message"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "test.yaml", framing(c.more))
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, frames), "FRAM"
			rep := judgetest.Judge(t, cfg)
			if (rep.Likely == "") != (c.says == "") || !strings.Contains(rep.Likely, c.says) {
				t.Errorf("the likely cause is %q, want %q: %s", rep.Likely, c.says, judgetest.Told(rep))
			}
		})
	}
}

// TestDiagnosisOfALostEnd is TestDiagnoses of a server that looks at its socket, so that it needs a real one.
func TestDiagnosisOfALostEnd(t *testing.T) {
	t.Parallel()
	d := mistake{"line", "FRAM,CLOS", "the end of the stream is handled before", true}
	d.hold(t, "eof-loses", judgetest.InProcess(t, "eof-loses", d.dialect))
}
