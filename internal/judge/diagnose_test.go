package judge

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// mistake is what is said of a fault.
type mistake struct {
	dialect, only, says string // says is empty where there is none
	told                bool   // what a person reads is held too
}

func (d mistake) hold(t *testing.T, fault string, cfg Config) {
	t.Helper()
	cfg.Only, cfg.Seed = d.only, 1
	rep := judge(t, cfg)
	if (rep.Likely == "") != (d.says == "") || !strings.Contains(rep.Likely, d.says) {
		t.Errorf("the likely cause is %q, want %q: %s", rep.Likely, d.says, told(rep))
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
		virtually(t, fault, func(t *testing.T) { d.hold(t, fault, faultyInMemory(t, fault, d.dialect)) })
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
func framing(more func(left []byte) ([]byte, bool)) func(conn, int) {
	return func(c conn, _ int) {
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
	table(t)
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
		virtually(t, name, func(t *testing.T) {
			cfg := serving(t, "test.yaml", framing(c.more))
			cfg.Exchange, cfg.Only = exchangeFile(t, frames), "FRAM"
			rep := judge(t, cfg)
			if (rep.Likely == "") != (c.says == "") || !strings.Contains(rep.Likely, c.says) {
				t.Errorf("the likely cause is %q, want %q: %s", rep.Likely, c.says, told(rep))
			}
		})
	}
}

// TestDiagnosisOfALostEnd is TestDiagnoses of a server that looks at its socket, so that it needs a real one.
func TestDiagnosisOfALostEnd(t *testing.T) {
	t.Parallel()
	d := mistake{"line", "FRAM,CLOS", "the end of the stream is handled before", true}
	d.hold(t, "eof-loses", inProcess(t, "eof-loses", d.dialect))
}

// TestDiagnosisOfNothing: a right server, and one that could not be judged, get none.
func TestDiagnosisOfNothing(t *testing.T) {
	r := &Run{}
	for _, rep := range []*report.Report{
		{}, {First: "FRAM-4", Trouble: "it is not there", Results: []report.Result{{ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{}}}},
		{Results: []report.Result{{ID: "FRAM-1", Verdict: report.Pass}}},
		{First: "FRAM-4", Results: []report.Result{ // it was seen once of three times
			{ID: "FRAM-1", Verdict: report.Pass}, {ID: "FRAM-7", Verdict: report.Pass}, {ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{Failed: 1, Runs: 3}}}},
	} {
		if text := r.diagnose(t.Context(), rep); text != "" {
			t.Errorf("a diagnosis of nothing: %q", text)
		}
	}
}

// TestDiagnosisByChance: on a busy machine the end of the stream comes with the last bytes where it was meant to come by
// itself, and a server that loses them then breaks what is not its mistake.
func TestDiagnosisByChance(t *testing.T) {
	const joined, apart = "whole, half-close with the last segment", "whole, then half-close"
	for _, test := range []struct{ first, closing, want string }{
		{joined, joined, "the end of the stream is handled before"},
		{apart, joined, "behind the first request"},
		{joined, "cut in two after byte 7 of 8, half-close with the last segment", "behind the first request"},
		{joined, "", "behind the first request"},
	} {
		results := []report.Result{
			{ID: "FRAM-1", Verdict: report.Pass}, {ID: "FRAM-7", Verdict: report.Pass},
			{ID: "FRAM-4", Verdict: report.Fail, Failure: &report.Failure{Delivery: test.first}},
		}
		if test.closing != "" {
			lost := &report.Failure{Delivery: test.closing, Expected: report.Bytes{Total: 1}}
			results = append(results, report.Result{ID: "CLOS-1", Verdict: report.Fail, Failure: lost})
		}
		rep := &report.Report{First: "FRAM-4", Results: results}
		if text := new(Run).diagnose(t.Context(), rep); !strings.Contains(text, test.want) {
			t.Errorf("FRAM-4 %q, CLOS-1 %q: %q", test.first, test.closing, text)
		}
	}
}

// TestDiagnosisOfAMissingClose: where the whole answer came, and only the close did not, no answer is said to be lost.
func TestDiagnosisOfAMissingClose(t *testing.T) {
	for came, says := range map[int64]string{4: "the end of the stream is handled before", 5: ""} {
		f := &report.Failure{Delivery: "whole, half-close with the last segment", Expected: report.Bytes{Total: 5}, Actual: report.Bytes{Total: came}}
		rep := &report.Report{First: "CLOS-1", Results: []report.Result{{ID: "FRAM-1", Verdict: report.Pass}, {ID: "CLOS-1", Verdict: report.Fail, Failure: f}}}
		if text := new(Run).diagnose(t.Context(), rep); (text == "") != (says == "") || !strings.Contains(text, says) {
			t.Errorf("%d of 5 bytes came: %q, want %q", came, text, says)
		}
	}
}
