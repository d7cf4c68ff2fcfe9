package judge

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
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// lineFile is an exchange file for a line server.
const lineFile = `protocol: lines
pipelines: true
exchanges:
  - name: a line
    send: "hello {{conn}}\r\n"
    expect: "hello {{conn}}\n"
  - name: characters
    send: "  é日😀 {{conn}}\r\n"
  - name: bytes
    send: {escaped: 'a\tb {{conn}}\n'}
    expect: {pattern: 'a\tb [a-z0-9]{10}\n'}
`

// exchangeFile reads a file that a test has in its text.
func exchangeFile(t testing.TB, text string) *exchange.File {
	t.Helper()
	f, err := exchange.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestExchangeReference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := inMemory(t, near(), "line", reference.Config{}, nil)
		cfg.Dialect, cfg.Exchange, cfg.Seed = "test.yaml", exchangeFile(t, lineFile), 1
		r := judge(t, cfg)
		if r.Conclusion != report.Conformant || len(r.Results) == 0 || r.Target.Cuts != "confirmed" || r.Cuts.Confirmed < r.Cuts.Made {
			t.Errorf("%s, %+v: %s", r.Sentence, r.Cuts, reasons(r))
		}
		for _, res := range r.Results {
			lacks := strings.Contains(res.Reason, "give --") || strings.HasPrefix(res.Reason, "the file has no exchange ") || strings.HasSuffix(res.Reason, " has a part whose length is free")
			if res.Verdict != report.Pass && !lacks {
				t.Errorf("%s: %s %s", res.ID, res.Verdict, res.Reason)
			}
		}
	})
}

func reasons(r *report.Report) string {
	var all []string
	for _, res := range r.Results {
		if res.Reason != "" {
			all = append(all, fmt.Sprintf("%s %s: %s", res.ID, res.Verdict, res.Reason))
		}
	}
	return strings.Join(all, "; ")
}

// wrong is the requirement that a fault breaks, of those that are judged.
type wrong struct{ only, want string }

// hold judges a line server without a model.
func (w wrong) hold(t *testing.T, cfg Config) {
	t.Helper()
	cfg.Dialect, cfg.Exchange, cfg.Only, cfg.Seed = "test.yaml", exchangeFile(t, lineFile), w.only, 1
	for _, res := range judge(t, cfg).Results {
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
	table(t)
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
		virtually(t, name, func(t *testing.T) { f.hold(t, faultyInMemory(t, name, "line")) })
	}
}

// TestExchangeFaultsOfTheSocket is TestExchangeFaults of servers that look at their sockets, so that they need real ones.
func TestExchangeFaultsOfTheSocket(t *testing.T) {
	table(t)
	t.Parallel()
	for name, f := range map[string]wrong{
		"eof-loses":      {"FRAM-1..7,CLOS", "CLOS-1"},
		"input-outlives": {"CONC-1", "CONC-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.hold(t, inProcess(t, name, "line"))
		})
	}
}

// answering has each line answered.
func answering(answer func(line string, number, nth int) string) func(conn, int) {
	return func(c conn, number int) {
		lines := bufio.NewScanner(c)
		for nth := 1; lines.Scan(); nth++ {
			if _, err := io.WriteString(c, answer(lines.Text(), number, nth)); err != nil {
				return
			}
		}
	}
}

// keepAlives answers each line, and says PING before an answer, behind it, or in two pieces.
func keepAlives(c conn, number int) {
	answering(func(line string, _, nth int) string {
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

const askFile = "protocol: asking\nexchanges:\n  - name: ask\n    send: \"ask {{conn}}\\n\"\n"

// TestExchangeServers holds the verdicts on servers that are odd, or wrong in ways that no planted fault is.
func TestExchangeServers(t *testing.T) {
	table(t)
	servers := map[string]exchanging{
		"a counter and a date": {askFile, "FRAM-1..3,CLOS", answering(func(line string, n, _ int) string {
			return fmt.Sprintf("%s: job %d at %s\r\n", line, n, time.Now().UTC().Format(time.RFC1123))
		}), report.Conformant, `masked in the answers to "ask": counter, date`},
		"what is not stable": {askFile, "FRAM-1,FRAM-2", answering(func(_ string, n, _ int) string { return []string{"yes\n", "no\n"}[n%2] }),
			report.NoVerdict, `unstable: "ask": the server's answers to the same whole message differ from byte 0 on`},
		"one message of two that is not stable": {askFile + "  - name: fixed\n    send: \"fixed\\n\"\n", "FRAM-1", answering(func(line string, n, _ int) string {
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
`, "FRAM-9,FLOW-1", func(c conn, n int) {
			_, _ = io.WriteString(c, "hello\n")
			answering(func(line string, _, nth int) string {
				if line == "bye" {
					return strings.Repeat("bye ", 400) + "\n"
				}
				return fmt.Sprintf("job %d\n", n*nth)
			})(c, n)
		}, report.Conformant, ""},
		"what has come is answered when it ends in a line end": {askFile + "pipelines: true\n", "FRAM", func(c conn, _ int) {
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
		"the same to every message": {"protocol: x\nexchanges: [{name: a, send: \"a\\n\"}, {name: b, send: \"bb\\n\"}]\n", "FRAM", answering(func(_ string, n, _ int) string {
			return fmt.Sprintf("400 no %d\n", n)
		}), report.NoVerdict, "the server answers all 2 messages of the file alike"},
		"the same to every message, as the file says": {"protocol: x\nexchanges: [{name: a, send: \"a\\n\", expect: \"ok\\n\"}, {name: b, send: \"bb\\n\", expect: \"ok\\n\"}]\n", "FRAM", answering(func(string, int, int) string {
			return "ok\n"
		}), report.Conformant, ""},
		"a line ends at its CR already": {"protocol: x\npipelines: true\nexchanges: [{name: ask, send: \"ask\\r\\n\"}, {name: bye, send: \"bye\\r\\n\"}]\n", "FRAM", func(c conn, _ int) {
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
		"answers beyond 256 KiB are dropped while they are not read": {"protocol: x\npipelines: true\nexchanges: [{name: much, send: \"much\\n\"}]\n", "FRAM-1,FRAM-2,FRAM-9,FLOW-1", func(c conn, _ int) {
			left := 256 << 10
			answering(func(string, int, int) string {
				all := strings.Repeat("answer ", 1000) + "\n"
				all = all[:min(len(all), left)]
				left -= len(all)
				return all
			})(c, 0)
		}, report.NotConformant, "(FLOW-1)"},
		"a greeting that the file has not": {askFile, "FRAM-1", func(c conn, n int) {
			_, _ = io.WriteString(c, "welcome\r\n")
			answering(func(line string, _, _ int) string { return line + "\n" })(c, n)
		}, report.NotConformant, "the server spoke first, and the exchange file has no greeting"},
		"a greeting": {askFile + "greeting: whatever\nleave: {send: \"bye\\n\"}\nfarewell: \"timeout\\n\"\n", "", func(c conn, n int) {
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
		"keep-alives": {askFile + "pipelines: true\nunasked: {pattern: 'PING\\n'}\n", "FRAM,CLOS,CONC,LIFE-1..2,ROBU-3", keepAlives, report.Conformant, ""},
		"keep-alives with a greeting and a leaving": {askFile + "greeting: \"hi\\n\"\nleave: {send: \"bye\\n\", expect: \"bye\\n\"}\nunasked: {pattern: 'PING\\n'}\n", "FRAM,CLOS,CONC,LIFE-1..2", func(c conn, n int) {
			_, _ = io.WriteString(c, "PING\nhi\nPING\n")
			keepAlives(c, n)
		}, report.Conformant, ""},
		"keep-alives of a server that does not close": {askFile + "unasked: {pattern: 'PING\\n'}\n", "FRAM-1..4", func(c conn, n int) {
			keepAlives(c, n)
			time.Sleep(2 * time.Second) // longer than any client stays
		}, report.Conformant, ""},
		"keep-alives that the file does not know": {askFile + "pipelines: true\n", "FRAM", keepAlives, report.NoVerdict, "unstable"},
		"more than was asked, now and then": {askFile + "leave: {send: \"bye\\n\"}\n", "FRAM-2", answering(func(line string, n, _ int) string {
			if n > 12 && n%5 == 0 && line != "bye" {
				return line + "\n" + "and more\n"
			}
			return line + "\n"
		}), report.NotConformant, "the answer goes on after its"},
		"more than was asked, later": {askFile + "leave: {send: \"bye\\n\"}\n", "FRAM-2", func(c conn, n int) {
			lines := bufio.NewScanner(c)
			for lines.Scan() {
				_, _ = io.WriteString(c, lines.Text()+"\n")
				if n > 12 && n%5 == 0 && lines.Text() != "bye" {
					time.Sleep(5 * time.Millisecond)
					_, _ = io.WriteString(c, "and more\n")
				}
			}
		}, report.NotConformant, "when the client left"},
		"another answer when it comes again": {askFile, "FRAM-1..3,CONC-1", answering(func(line string, _, nth int) string {
			return fmt.Sprintf("%s %s\n", line, []string{"first", "again", "too often"}[min(nth-1, 2)])
		}), report.Conformant, ""},
		"the server closes": {"protocol: closing\nexchanges:\n  - {name: ask, send: \"ask {{conn}}\\n\"}\n", "FRAM,CLOS,CONC-1", func(c conn, _ int) {
			line, err := bufio.NewReader(c).ReadString('\n')
			if err == nil {
				_, _ = io.WriteString(c, "you said "+line)
			}
		}, report.Conformant, ""},
		"an answer without end": {askFile, "FRAM-1", func(c conn, _ int) {
			for {
				if _, err := c.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, report.NotConformant, "the server spoke first"},
		"an answer without end to what was asked": {askFile, "FRAM-1", func(c conn, _ int) {
			if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
				return
			}
			for {
				if _, err := c.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, report.NoVerdict, `the answer to "ask" goes on: it was cut off after 67108864 bytes`},
		"rubbish":   {askFile, "FRAM-1..3", answering(func(string, int, int) string { return "\x00\xff\x1b[2J\x07\r" }), report.Conformant, ""},
		"no answer": {askFile, "LIFE-1,FRAM-1", answering(func(string, int, int) string { return "" }), report.NotConformant, `to "ask", sent whole, there was no answer`},
		"a wrong answer to one message": {"protocol: x\nexchanges:\n  - {name: good, send: \"good\\n\"}\n  - {name: bad, send: \"bad\\n\", expect: \"fine\\n\"}\n", "FRAM-1", answering(func(line string, _, _ int) string { return line + "\n" }),
			report.NotConformant, `to "bad", sent whole: the answer is wrong from byte 0 on`},
		"the end of the stream is not noticed": {askFile, "CLOS-1", func(c conn, n int) {
			answering(func(line string, _, _ int) string { return line + "\n" })(c, n)
			time.Sleep(20 * time.Second)
		}, report.NotConformant, "the answer is right, but the server did not close the connection"},
	}
	for name, c := range servers {
		virtually(t, name, c.hold)
	}
}

// TestRecord has a file made from a server that runs, by which the same server is right.
func TestRecord(t *testing.T) { synctest.Test(t, testRecord) }

func testRecord(t *testing.T) {
	cfg := serving(t, "record", func(c conn, n int) {
		_, _ = fmt.Fprintf(c, "hello, client %d\r\n", n)
		answering(func(line string, n, _ int) string { return fmt.Sprintf("%s \x00\xff by %d.\r\n", line, n) })(c, n)
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
	learned, err := Record(t.Context(), cfg)
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
	cfg.Dialect, cfg.Exchange, cfg.Only = "test.yaml", exchangeFile(t, b.String()), "FRAM,CLOS"
	r, err := Judge(t.Context(), cfg)
	if err != nil || r.Conclusion != report.Conformant {
		t.Errorf("%v %s %s", err, r.Sentence, reasons(r))
	}
}

// TestRecordNothing: a server that cannot be recorded is an error in words.
func TestRecordNothing(t *testing.T) {
	m, err := exchange.NewMessage("ask", "\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		serve func(conn, int)
		want  string
	}{
		"it closes":  {func(conn, int) {}, "the server closed the connection before anything was sent"},
		"it is mute": {answering(func(string, int, int) string { return "" }), `to "ask", sent whole, there was no answer within 900ms`},
	} {
		virtually(t, name, func(t *testing.T) {
			cfg := serving(t, "record", c.serve)
			cfg.Exchange, cfg.Timeout = &exchange.File{Protocol: "x", Messages: []exchange.Message{m}}, 300*time.Millisecond
			if _, err := Record(t.Context(), cfg); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
