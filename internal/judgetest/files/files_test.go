package files

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

func TestExchangeReference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.InMemory(t, judgetest.Near(), "line", reference.Config{}, nil)
		cfg.Dialect, cfg.Exchange, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, judgetest.LineFile), 1
		r := judgetest.Judge(t, cfg)
		if r.Conclusion != report.Conformant || len(r.Results) == 0 || r.Target.Cuts != "confirmed" || r.Cuts.Confirmed < r.Cuts.Made {
			t.Errorf("%s, %+v: %s", r.Sentence, r.Cuts, judgetest.Reasons(r))
		}
		for _, res := range r.Results {
			lacks := strings.Contains(res.Reason, "give --") || strings.HasPrefix(res.Reason, "the file has no exchange ") || strings.HasSuffix(res.Reason, " has a part whose length is free")
			if res.Verdict != report.Pass && !lacks {
				t.Errorf("%s: %s %s", res.ID, res.Verdict, res.Reason)
			}
		}
	})
}

// wrong is the requirement that a fault breaks, of those that are judged.
type wrong struct{ only, want string }

// hold judges a line server without a model.
func (w wrong) hold(t *testing.T, cfg judge.Config) {
	t.Helper()
	cfg.Dialect, cfg.Exchange, cfg.Only, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, judgetest.LineFile), w.only, 1
	for _, res := range judgetest.Judge(t, cfg).Results {
		broken := res.Verdict == report.Fail || res.Verdict == report.Warn
		if broken != (res.ID == w.want) {
			t.Errorf("%s: %s %s", res.ID, res.Verdict, res.Reason)
		}
		if res.Failure != nil && res.Failure.Again != "" && !strings.Contains(res.Failure.Again, "--dialect test.yaml") {
			t.Errorf("it is shown again by %q", res.Failure.Again)
		}
	}
}

// TestExchangeFaults holds that faults are caught without a model, by the requirement that names
// them: what the server answers to the whole message is all that is known.
func TestExchangeFaults(t *testing.T) {
	judgetest.Table(t)
	for name, f := range map[string]wrong{
		"read-is-message":   {"FRAM-1,FRAM-2", "FRAM-2"},
		"partial-dropped":   {"FRAM-1,FRAM-2", "FRAM-2"},
		"eight-reads":       {"FRAM-1..3", "FRAM-3"},
		"first-line-only":   {"FRAM-1..4", "FRAM-4"},
		"lines-joined":      {"FRAM-1..4", "FRAM-4"},
		"second-after-half": {"FRAM-1..4", "FRAM-4"},
		"decode-each-read":  {"FRAM-6", "FRAM-6"},
		"crlf-split":        {"FRAM-6", "FRAM-6"},
		"cr-loses-next":     {"FRAM-6", "FRAM-6"},
		"partial-kept":      {"FRAM-1..2,FRAM-4,FRAM-10", "FRAM-10"},
		"one-read-each":     {"FRAM-1..4,FRAM-10..11", "FRAM-11"},
		"idle-1s":           {"FRAM-1..7", "FRAM-7"},
		"never-closes":      {"FRAM-1,CLOS-1", "CLOS-1"},
		"answer-to-other":   {"CONC-1", "CONC-1"},
		"serial":            {"CONC-2", "CONC-2"},
		"reset-ends":        {"LIFE-5", "LIFE-5"},
		"gives-up-100":      {"ROBU-1", "ROBU-1"},
		"once":              {"LIFE-1..2", "LIFE-1"},
		"accept-close":      {"LIFE-1,FRAM-1", "LIFE-1"},
		"accept-reset":      {"LIFE-1,FRAM-1", "LIFE-1"},
		"sink":              {"LIFE-1,FRAM-1", "LIFE-1"},
		"early-answer":      {"FRAM-1", "FRAM-1"},
		"constant":          {"FRAM-1", "FRAM-1"},
		"flood":             {"FRAM-1", "FRAM-1"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) { f.hold(t, judgetest.FaultyInMemory(t, name, "line")) })
	}
}

// TestExchangeFaultsOfTheSocket is TestExchangeFaults of servers that look at their sockets, so that they need real ones.
func TestExchangeFaultsOfTheSocket(t *testing.T) {
	judgetest.Table(t)
	t.Parallel()
	for name, f := range map[string]wrong{
		"eof-loses":      {"FRAM-1..7,CLOS", "CLOS-1"},
		"input-outlives": {"CONC-1", "CONC-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.hold(t, judgetest.InProcess(t, name, "line"))
		})
	}
}

// keepAlives answers each line, and says PING before an answer, behind it, or in two pieces.
func keepAlives(c judgetest.Conn, number int) {
	judgetest.Answering(func(line string, _, nth int) string {
		switch (number + nth) % 4 {
		case 1:
			return "PING\nPING\n" + line + "\n"
		case 2:
			return line + "\nPING\n"
		case 3:
			_, _ = io.WriteString(c, "PING\nPI")
			return "NG\n" + line + "\nPING\n"
		}
		_, _ = io.WriteString(c, line+"\n")
		time.Sleep(300 * time.Microsecond) // the client has read its answer, and is about to leave
		return "PING\n"
	})(c, number)
}

// TestExchangeServers holds the verdicts on servers that are odd, or wrong in ways that no planted fault is.
func TestExchangeServers(t *testing.T) {
	judgetest.Table(t)
	servers := map[string]exchanging{
		"a counter and a date": {judgetest.AskFile, "FRAM-1..3,CLOS", judgetest.Answering(func(line string, n, _ int) string {
			return fmt.Sprintf("%s: job %d at %s\r\n", line, n, time.Now().UTC().Format(time.RFC1123))
		}), report.Conformant, `masked in the answers to "ask": counter, date`},
		"what is not stable": {judgetest.AskFile, "FRAM-1,FRAM-2", judgetest.Answering(func(_ string, n, _ int) string { return []string{"yes\n", "no\n"}[n%2] }),
			report.NoVerdict, `unstable: "ask": the server's answers to the same whole message differ from byte 0 on`},
		"one message of two that is not stable": {judgetest.AskFile + "  - name: fixed\n    send: \"fixed\\n\"\n", "FRAM-1", judgetest.Answering(func(line string, n, _ int) string {
			if line == "fixed" {
				return "good\n"
			}
			return fmt.Sprintf("token %s!\n", []string{"ab", "c\xe9"}[n/2%2])
		}), report.Conformant, "left out: \"ask\": the server's answers to the same whole message differ from byte 6 on: \"token ab!\\n\", and \"token c\\xe9!\\n\"; if they may, add to the file masks: [{name: what varies, pattern: 'token\\x20[\\x00-\\xff]{2}!\\n'}]"},
		"answers as they are due, some random, behind a greeting": {`protocol: due
pipelines: true
greeting: {lines: 1}
exchanges:
  - {name: ask, send: "ask {{conn}}\n", expect: {pattern: 'job [0-9]+\n'}}
  - {name: bye, send: "bye\n"}
`, "FRAM-9,FLOW-1", func(c judgetest.Conn, n int) {
			_, _ = io.WriteString(c, "hello\n")
			judgetest.Answering(func(line string, _, nth int) string {
				if line == "bye" {
					return strings.Repeat("bye ", 400) + "\n"
				}
				return fmt.Sprintf("job %d\n", n*nth)
			})(c, n)
		}, report.Conformant, ""},
		"what has come is answered when it ends in a line end": {judgetest.AskFile + "pipelines: true\n", "FRAM", func(c judgetest.Conn, _ int) {
			var all []byte
			buf := make([]byte, 4096)
			for {
				n, err := c.Read(buf)
				if all = append(all, buf[:n]...); bytes.HasSuffix(all, []byte("\n")) || err != nil {
					if _, err := c.Write(all); err != nil {
						return
					}
					all = nil
				}
				if err != nil {
					return
				}
			}
		}, report.NotConformant, "came only when the rest of the request had been sent"},
		"the same to every message": {"protocol: x\nexchanges: [{name: a, send: \"a\\n\"}, {name: b, send: \"bb\\n\"}]\n", "FRAM", judgetest.Answering(func(_ string, n, _ int) string {
			return fmt.Sprintf("400 no %d\n", n)
		}), report.NoVerdict, "the server answers all 2 messages of the file alike"},
		"the same to every message, as the file says": {"protocol: x\nexchanges: [{name: a, send: \"a\\n\", expect: \"ok\\n\"}, {name: b, send: \"bb\\n\", expect: \"ok\\n\"}]\n", "FRAM", judgetest.Answering(func(string, int, int) string {
			return "ok\n"
		}), report.Conformant, ""},
		"a line ends at its CR already": {"protocol: x\npipelines: true\nexchanges: [{name: ask, send: \"ask\\r\\n\"}, {name: bye, send: \"bye\\r\\n\"}]\n", "FRAM", func(c judgetest.Conn, _ int) {
			in := bufio.NewReader(c)
			for {
				line, err := in.ReadString('\r')
				if err != nil {
					return
				}
				if _, err := c.Write([]byte(strings.TrimSpace(line) + "\n")); err != nil {
					return
				}
			}
		}, report.Conformant, ""},
		"answers beyond 256 KiB are dropped while they are not read": {"protocol: x\npipelines: true\nexchanges: [{name: much, send: \"much\\n\"}]\n", "FRAM-1,FRAM-2,FRAM-9,FLOW-1", func(c judgetest.Conn, _ int) {
			left := 256 << 10
			judgetest.Answering(func(string, int, int) string {
				all := strings.Repeat("answer ", 1000) + "\n"
				all = all[:min(len(all), left)]
				left -= len(all)
				return all
			})(c, 0)
		}, report.NotConformant, "(FLOW-1)"},
		"a greeting that the file has not": {judgetest.AskFile, "FRAM-1", func(c judgetest.Conn, n int) {
			_, _ = io.WriteString(c, "welcome\r\n")
			judgetest.Answering(func(line string, _, _ int) string { return line + "\n" })(c, n)
		}, report.NotConformant, "the server spoke first, and the exchange file has no greeting"},
		"a greeting": {judgetest.AskFile + "greeting: whatever\nleave: {send: \"bye\\n\"}\nfarewell: \"timeout\\n\"\n", "", func(c judgetest.Conn, n int) {
			_, _ = fmt.Fprintf(c, "welcome, number %d\r\n", n)
			lines := bufio.NewScanner(c)
			for lines.Scan() {
				if lines.Text() == "bye" {
					_, _ = io.WriteString(c, "see you\n")
					return
				}
				if _, err := io.WriteString(c, lines.Text()+"\n"); err != nil {
					return
				}
			}
			_, _ = io.WriteString(c, "timeout\n")
		}, report.Conformant, ""},
		"keep-alives": {judgetest.AskFile + "pipelines: true\nunasked: {pattern: 'PING\\n'}\n", "FRAM,CLOS,CONC,LIFE-1..2,ROBU-3", keepAlives, report.Conformant, ""},
		"keep-alives with a greeting and a leaving": {judgetest.AskFile + "greeting: \"hi\\n\"\nleave: {send: \"bye\\n\", expect: \"bye\\n\"}\nunasked: {pattern: 'PING\\n'}\n", "FRAM,CLOS,CONC,LIFE-1..2", func(c judgetest.Conn, n int) {
			_, _ = io.WriteString(c, "PING\nhi\nPING\n")
			keepAlives(c, n)
		}, report.Conformant, ""},
		"keep-alives of a server that does not close": {judgetest.AskFile + "unasked: {pattern: 'PING\\n'}\n", "FRAM-1..4", func(c judgetest.Conn, n int) {
			keepAlives(c, n)
			time.Sleep(2 * time.Second) // longer than any client stays
		}, report.Conformant, ""},
		"keep-alives that the file does not know": {judgetest.AskFile + "pipelines: true\n", "FRAM", keepAlives, report.NoVerdict, "unstable"},
		"more than was asked, now and then": {judgetest.AskFile + "leave: {send: \"bye\\n\"}\n", "FRAM-2", judgetest.Answering(func(line string, n, _ int) string {
			if n > 12 && n%5 == 0 && line != "bye" {
				return line + "\n" + "and more\n"
			}
			return line + "\n"
		}), report.NotConformant, "the answer goes on after its"},
		"more than was asked, later": {judgetest.AskFile + "leave: {send: \"bye\\n\"}\n", "FRAM-2", func(c judgetest.Conn, n int) {
			lines := bufio.NewScanner(c)
			for lines.Scan() {
				_, _ = io.WriteString(c, lines.Text()+"\n")
				if n > 12 && n%5 == 0 && lines.Text() != "bye" {
					time.Sleep(5 * time.Millisecond)
					_, _ = io.WriteString(c, "and more\n")
				}
			}
		}, report.NotConformant, "when the client left"},
		"another answer when it comes again": {judgetest.AskFile, "FRAM-1..3,CONC-1", judgetest.Answering(func(line string, _, nth int) string {
			return fmt.Sprintf("%s %s\n", line, []string{"first", "again", "too often"}[min(nth-1, 2)])
		}), report.Conformant, ""},
		"the server closes": {"protocol: closing\nexchanges:\n  - {name: ask, send: \"ask {{conn}}\\n\"}\n", "FRAM,CLOS,CONC-1", func(c judgetest.Conn, _ int) {
			line, err := bufio.NewReader(c).ReadString('\n')
			if err == nil {
				_, _ = io.WriteString(c, "you said "+line)
			}
		}, report.Conformant, ""},
		"an answer without end": {judgetest.AskFile, "FRAM-1", func(c judgetest.Conn, _ int) {
			for {
				if _, err := c.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, report.NotConformant, "the server spoke first"},
		"an answer without end to what was asked": {judgetest.AskFile, "FRAM-1", func(c judgetest.Conn, _ int) {
			if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
				return
			}
			for {
				if _, err := c.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, report.NoVerdict, `the answer to "ask" goes on: it was cut off after 67108864 bytes`},
		"rubbish":   {judgetest.AskFile, "FRAM-1..3", judgetest.Answering(func(string, int, int) string { return "\x00\xff\x1b[2J\x07\r" }), report.Conformant, ""},
		"no answer": {judgetest.AskFile, "LIFE-1,FRAM-1", judgetest.Answering(func(string, int, int) string { return "" }), report.NotConformant, `to "ask", sent whole, there was no answer`},
		"a wrong answer to one message": {"protocol: x\nexchanges:\n  - {name: good, send: \"good\\n\"}\n  - {name: bad, send: \"bad\\n\", expect: \"fine\\n\"}\n", "FRAM-1", judgetest.Answering(func(line string, _, _ int) string { return line + "\n" }),
			report.NotConformant, `to "bad", sent whole: the answer is wrong from byte 0 on`},
		"the end of the stream is not noticed": {judgetest.AskFile, "CLOS-1", func(c judgetest.Conn, n int) {
			judgetest.Answering(func(line string, _, _ int) string { return line + "\n" })(c, n)
			time.Sleep(20 * time.Second)
		}, report.NotConformant, "the answer is right, but the server did not close the connection"},
	}
	for name, c := range servers {
		judgetest.Virtually(t, name, c.hold)
	}
}

// TestRecord has a file made from a server that runs, by which the same server is right.
func TestRecord(t *testing.T) { synctest.Test(t, testRecord) }

func testRecord(t *testing.T) {
	cfg := judgetest.Serving(t, "record", func(c judgetest.Conn, n int) {
		_, _ = fmt.Fprintf(c, "hello, client %d\r\n", n)
		judgetest.Answering(func(line string, n, _ int) string { return fmt.Sprintf("%s \x00\xff by %d.\r\n", line, n) })(c, n)
	})
	var messages []exchange.Message
	for _, typed := range []string{`say {{conn}}`, `\xe9t\xe9`} {
		m, err := exchange.NewMessage(typed, "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	cfg.Exchange = &exchange.File{Protocol: "recorded", Messages: messages}
	learned, err := judge.Record(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := learned.Write(&b); err != nil {
		t.Fatal(err)
	}
	const want = `protocol: "recorded"
greeting: ["hello, client ", {pattern: '[0-9]+'}, "\r\n"]
pipelines: true
exchanges:
  - name: "say {{conn}}"
    send: "say {{conn}}\r\n"
    expect: [{escaped: 'say {{conn}} \x00\xff by '}, {pattern: '[0-9]+'}, ".\r\n"]
  - name: "?t?"
    send: {escaped: '\xe9t\xe9\r\n'}
    expect: [{escaped: '\xe9t\xe9 \x00\xff by '}, {pattern: '[0-9]+'}, ".\r\n"]
`
	if b.String() != want {
		t.Errorf("it was recorded as\n%swant\n%s", b.String(), want)
	}
	cfg.Dialect, cfg.Exchange, cfg.Only = "test.yaml", judgetest.ExchangeFile(t, b.String()), "FRAM,CLOS"
	r, err := judge.Judge(t.Context(), cfg)
	if err != nil || r.Conclusion != report.Conformant {
		t.Errorf("%v %s %s", err, r.Sentence, judgetest.Reasons(r))
	}
}

// TestRecordNothing: a server that cannot be recorded is an error in words.
func TestRecordNothing(t *testing.T) {
	m, err := exchange.NewMessage("ask", "\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		serve func(judgetest.Conn, int)
		want  string
	}{
		"it closes":  {func(judgetest.Conn, int) {}, "the server closed the connection before anything was sent"},
		"it is mute": {judgetest.Answering(func(string, int, int) string { return "" }), `to "ask", sent whole, there was no answer within 900ms`},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "record", c.serve)
			cfg.Exchange, cfg.Timeout = &exchange.File{Protocol: "x", Messages: []exchange.Message{m}}, 300*time.Millisecond
			if _, err := judge.Record(t.Context(), cfg); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
