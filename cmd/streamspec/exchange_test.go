package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exchangeServer answers each line with "you said" and the line, and with its number; it returns its address.
func exchangeServer(t *testing.T) string {
	t.Helper()
	return lineServer(t, func(number int, line string) string { return fmt.Sprintf("%d: you said %s\n", number, line) })
}

// lineServer has each line answered, of the connection of that number; it returns its address.
func lineServer(t *testing.T, answer func(number int, line string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for number := 0; ; number++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				lines := bufio.NewScanner(c)
				for lines.Scan() {
					if _, err := io.WriteString(c, answer(number, lines.Text())); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// written writes a file into a folder of its own.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const askExchange = "protocol: asking\npipelines: true\nexchanges:\n  - name: ask\n    send: \"ask {{conn}}\\r\\n\"\n"

func TestExchange(t *testing.T) {
	t.Parallel()
	addr, file := exchangeServer(t), written(t, "ask.yaml", askExchange)
	o := call(t, "run", addr, "--dialect", file, "--only", "FRAM")
	if o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "conformant: 10 of 10 MUST") {
		t.Errorf("status %d: %s\n%s", o.status, o.stdout, o.stderr)
	}
	if !strings.Contains(o.stdout, `note: masked in the answers to "ask": counter`) {
		t.Errorf("it does not say what was masked:\n%s", o.stdout)
	}
}

func TestExchangeRefused(t *testing.T) {
	t.Parallel()
	bad := written(t, "bad.yaml", "protocol: x\nexchanges:\n  - sent: a\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "1", "--dialect", bad}, bad + `:3:5: an exchange has no key "sent": did you mean send?`},
		{[]string{"run", "1", "--dialect", "nothing.yaml"}, "the exchange file cannot be read: open nothing.yaml: no such file or directory"},
		{[]string{"run", "1", "--dialect", "preset:reddis"}, `unknown preset "reddis": did you mean redis?`},
		{[]string{"run", "1", "--dialect", "redis"}, `unknown dialect "redis": did you mean preset:redis?`},
		{[]string{"run", "1", "--dialect", "preset:redis", "--only", "LINE"}, "the selection is empty"},
		{[]string{"run", "1", "--dialect", "preset:http1-post", "--set", "pth=/"}, `preset:http1-post: --set wants NAME=VALUE, with the name of a value of the file, not "pth=/": it has path`},
		{[]string{"run", "1", "--dialect", "line", "--set", "path=/"}, "--mask, --limit and --set go with an exchange file or a preset: the dialect line is neither"},
		{[]string{"check"}, "check wants exchange files"},
		{[]string{"check", bad}, bad + `:3:5: an exchange has no key "sent": did you mean send?`},
		{[]string{"check", "a.txt"}, `"a.txt" is no dialect`},
		{[]string{"record"}, "record wants an address"},
		{[]string{"record", "1", "--eol", "cr"}, `--eol is crlf, lf or none, not "cr"`},
		{[]string{"record", "1", "--leave", `\q`}, `--leave: \q is no escape`},
		{[]string{"record", "1"}, "there are no messages"},
		{[]string{"list", "--faults", "--presets"}, "list shows either"},
	} {
		o := call(t, c.args...)
		if o.status != 2 || o.stdout != "" || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%q: status %d, %q, want %q", c.args, o.status, o.stderr, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	file := written(t, "ask.yaml", askExchange)
	o := call(t, "check", file, "preset:redis")
	if o.status != 0 || !strings.Contains(o.stdout, `ask  "ask {{conn}}\r\n"  → whatever the server says to the whole message, pipelines`) || !strings.Contains(o.stdout, "preset:redis: Redis (RESP2), 7 exchanges") || !strings.Contains(o.stdout, "$1\\r\\n0\\r\\n\", pipelines, a part grows up to 1,048,576 bytes") {
		t.Errorf("status %d:\n%s%s", o.status, o.stdout, o.stderr)
	}
	if o := call(t, "check", "--print", file); o.status != 0 || o.stdout != askExchange {
		t.Errorf("status %d, it prints %q", o.status, o.stdout)
	}
	// A byte order mark is none of its text, and what a terminal would obey is written out.
	odd := written(t, "odd.yaml", "\uFEFFprotocol: \"my\\0\\e[31m\\u202E\"\nexchanges:\n  - {name: \"a\\a\\u200F\", send: a}\nmasks:\n  - {name: \"m\\b\", pattern: x}\n")
	o = call(t, "check", odd)
	if o.status != 0 || !strings.Contains(o.stdout, `my\x00\x1b[31m\u202e, one exchange`) || !strings.Contains(o.stdout, `  a\x07\u200f `) || !strings.Contains(o.stdout, `m\x08`) {
		t.Errorf("status %d:\n%q%s", o.status, o.stdout, o.stderr)
	}
	// One that is wrong does not hide the others.
	o = call(t, "check", written(t, "bad.yaml", "protocol: x\n"), file, written(t, "worse.yaml", "- a\n"))
	if o.status != 2 || !strings.Contains(o.stdout, "ask.yaml: asking, one exchange") || !strings.Contains(o.stderr, "bad.yaml:1:1: ") || !strings.Contains(o.stderr, "worse.yaml:1:1: ") {
		t.Errorf("status %d:\n%s%s", o.status, o.stdout, o.stderr)
	}
}

func TestListPresets(t *testing.T) {
	t.Parallel()
	o := call(t, "list", "--presets")
	for _, want := range []string{"preset:redis", "preset:http1", "preset:mqtt"} {
		if o.status != 0 || !strings.Contains(o.stdout, want+" ") {
			t.Errorf("status %d, no %s:\n%s", o.status, want, o.stdout)
		}
	}
}

// TestSet judges an endpoint by a preset whose path is set: elsewhere the server has none, and what is broken is shown again with that path.
func TestSet(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo/{$}", func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			_, _ = w.Write(body)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	addr := server.Listener.Addr().String()
	o := call(t, "run", addr, "--dialect", "preset:http1-echo", "--set", "path=/echo/", "--only", "FRAM-1,FRAM-9")
	if o.status != 0 || lastLine(o.stdout) != "conformant: 2 of 2 MUST" {
		t.Errorf("status %d: %s\n%s", o.status, o.stdout, o.stderr)
	}
	o = call(t, "run", addr, "--dialect", "preset:http1-echo", "--set", "path=/it's", "--only", "FRAM-1")
	if o.status == 0 || !strings.Contains(o.stdout+o.stderr, "404 Not Found") || !strings.Contains(o.stdout, `--set 'path=/it'"'"'s'`) {
		t.Errorf("status %d: %s\n%s", o.status, o.stdout, o.stderr)
	}
	if o := call(t, "check", "preset:http1-echo"); !strings.Contains(o.stdout, `--set path=…                       "/"`) {
		t.Errorf("%s", o.stdout)
	}
}

// TestRecordAndRun has a file made of what is typed, by which the server is right.
func TestRecordAndRun(t *testing.T) {
	t.Parallel()
	addr := exchangeServer(t)
	path := filepath.Join(t.TempDir(), "recorded.yaml")
	c := startedFrom(t, strings.NewReader("hello {{conn}}\n\\x00\\xff\n\nhello {{conn}}\n"), nil, "record", addr, "--out", path, "--protocol", "saying", "--eol", "lf")
	if o := c.wait(t); o.status != 0 || o.stdout != "" {
		t.Fatalf("status %d: %s%s", o.status, o.stdout, o.stderr)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`protocol: "saying"`, "pipelines: true", `expect: [{pattern: '[0-9]+'}, ": you said hello {{conn}}\n"]`, `- name: "hello {{conn}} (2)"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if o := call(t, "run", addr, "--dialect", path, "--only", "FRAM-1..3"); o.status != 0 {
		t.Errorf("status %d: %s%s", o.status, o.stdout, o.stderr)
	}
	if o := startedFrom(t, strings.NewReader("a\n"), nil, "record", addr, "--out", path).wait(t); o.status != 2 || !strings.Contains(o.stderr, "the exchange file cannot be written") {
		t.Errorf("a file that is there is written over: status %d, %s", o.status, o.stderr)
	}
	gone := filepath.Join(t.TempDir(), "none.yaml")
	if o := startedFrom(t, strings.NewReader("a\n"), nil, "record", "127.0.0.1:1", "--out", gone).wait(t); o.status != 3 {
		t.Errorf("nobody is there: status %d, %s", o.status, o.stderr)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("a file is left behind in which nothing is")
	}
}

// TestAdds holds that a mask and a limit can be added to a file on the command line, that the command which shows a failure again has
// them, and that what cannot be meant is refused before anything is sent.
func TestAdds(t *testing.T) {
	t.Parallel()
	noise := [...]string{"\xff\x01", "ab", "\x80?", "zz"}
	addr := lineServer(t, func(number int, line string) string {
		if strings.HasSuffix(line, "fail") && len(line) > 4 {
			line = "FAIL"
		}
		return fmt.Sprintf("HELLO %s %s\n", noise[number%len(noise)], line)
	})
	file := written(t, "noise.yaml", "protocol: noise\nexchanges: [{name: a, send: \"hello\\n\"}]\n")
	o := call(t, "run", addr, "--dialect", file, "--only", "FRAM-1")
	if want := `masks: [{name: what varies, pattern: 'HELLO\x20[\x00-\xff]{2}\x20hello\n'}]`; o.status != 3 || !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), want) {
		t.Errorf("status %d, and no %s in\n%s", o.status, want, o.stdout)
	}
	const mask = `noise=HELLO\x20[\x00-\xff]{2}\x20`
	if o := call(t, "run", addr, "--dialect", file, "--mask", mask, "--limit", "clients=20", "--only", "FRAM-1,FRAM-2,CONC-3"); o.status != 0 || !strings.Contains(o.stdout, "masked in the answers to \"a\": noise") || !strings.Contains(o.stdout, "held 20\n") {
		t.Errorf("status %d: %s%s", o.status, o.stdout, o.stderr)
	}
	failing := written(t, "fail.yaml", "protocol: noise\nexchanges: [{name: a, send: \"fail\\n\", expect: \"HELLO\\n\"}]\n")
	if o := call(t, "run", addr, "--dialect", failing, "--mask", mask, "--limit", "idle=1m", "--only", "FRAM-1"); o.status != 1 || !strings.Contains(o.stdout, "--mask '"+mask+"' --limit 'idle=1m'") && !strings.Contains(o.stdout, "--mask '"+mask+"' --limit idle=1m") {
		t.Errorf("status %d: %s%s", o.status, o.stdout, o.stderr)
	}
	for _, c := range []struct{ flag, value, want string }{
		{"--mask", "noise", "--mask wants NAME=PATTERN"}, {"--mask", "=a", "--mask wants NAME=PATTERN"}, {"--mask", "a=", "--mask wants NAME=PATTERN"}, {"--mask", "a=(", "--mask a: the pattern is no regular expression"}, {"--mask", "a=b*", "matches nothing at all"},
		{"--limit", "clients=0", "--limit clients wants a number from 1 to 1000000"}, {"--limit", "clients", "--limit clients wants"}, {"--limit", "idle=soon", "--limit idle wants a time"}, {"--limit", "idle=2h", "--limit idle wants a time"},
		{"--limit", "polite=1", "--limit polite wants true or false"}, {"--limit", "users=1", "--limit wants clients=N"},
	} {
		for _, command := range []string{"run", "fuzz"} {
			if o := call(t, command, "127.0.0.1:1", "--dialect", file, c.flag, c.value); o.status != 2 || !strings.Contains(o.stderr, c.want) {
				t.Errorf("%s %s %s: status %d, %s", command, c.flag, c.value, o.status, o.stderr)
			}
		}
	}
	if o := call(t, "run", "reference", "--mask", "a=b"); o.status != 2 || !strings.Contains(o.stderr, "the dialect script is neither") {
		t.Errorf("status %d, %s", o.status, o.stderr)
	}
}

// TestCheckPoints holds that check points at what is hardly meant, and refuses a pattern without an end.
func TestCheckPoints(t *testing.T) {
	t.Parallel()
	file := written(t, "odd.yaml", "protocol: odd\nexchanges:\n  - {name: a, send: \"SET {{con}} 1\\n\"}\n  - {name: b, send: 'SET x 2\\n'}\n")
	o := call(t, "check", file)
	for _, want := range []string{":3:21: {{con}} is no name that this file knows", ":4:21: \\n is sent as it is written here", `:4:5: "a" and "b" say SET without {{conn}}`} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %s in\n%s", want, o.stderr)
		}
	}
	if o.status != 0 || !strings.Contains(o.stdout, "2 exchanges") {
		t.Errorf("status %d: %s", o.status, o.stdout)
	}
	open := written(t, "open.yaml", "protocol: open\nexchanges:\n  - {send: a, expect: {pattern: '(?s)a.*\\n'}}\n")
	for _, args := range [][]string{{"check", open}, {"run", "127.0.0.1:1", "--dialect", open}, {"fuzz", "127.0.0.1:1", "--dialect", open}} {
		if o := call(t, args...); o.status != 2 || !strings.Contains(o.stderr, `say what ends it, by {until: "\n"}`) {
			t.Errorf("%q: status %d, %s", args, o.status, o.stderr)
		}
	}
}

// TestRecordBraces holds that braces in an answer that mean themselves are written so: the server is right by the file that it made.
func TestRecordBraces(t *testing.T) {
	t.Parallel()
	addr := lineServer(t, func(_ int, line string) string {
		return "usage: write {{conn}} for the name, {{{x}}; you wrote " + line + "\n"
	})
	path := filepath.Join(t.TempDir(), "braces.yaml")
	if o := startedFrom(t, strings.NewReader("hello {{conn}}\n\\x7b{conn}}\n"), nil, "record", addr, "--eol", "lf", "--out", path).wait(t); o.status != 0 {
		t.Fatalf("status %d, %s", o.status, o.stderr)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := `expect: [{escaped: 'usage: write \x7b\x7bconn}} for the name, \x7b\x7b\x7bx}}; you wrote hello '}, "{{conn}}\n"]`; !strings.Contains(string(text), want) {
		t.Errorf("no %s in\n%s", want, text)
	}
	if o := call(t, "check", path); o.status != 0 || o.stderr != "" {
		t.Errorf("status %d, %s", o.status, o.stderr)
	}
	if o := call(t, "run", addr, "--dialect", path, "--only", "FRAM-1,FRAM-2"); o.status != 0 {
		t.Errorf("status %d: %s%s", o.status, o.stdout, o.stderr)
	}
}
