package main_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exchangeServer answers each line with "you said" and the line, and with its number; it returns its address.
func exchangeServer(t *testing.T) string {
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
					if _, err := fmt.Fprintf(c, "%d: you said %s\n", number, lines.Text()); err != nil {
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
	if o.status != 0 || !strings.Contains(o.stdout, `ask  "ask {{conn}}\r\n"  → whatever the server says to the whole message, pipelines`) || !strings.Contains(o.stdout, "preset:redis: Redis (RESP2), 6 exchanges") {
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
