package files

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// byReads has each line answered, and tells answer how many reads there were since all that was read before had been answered.
func byReads(answer func(c judgetest.Conn, line string, reads int) error) func(judgetest.Conn, int) {
	return func(c judgetest.Conn, _ int) {
		var had []byte
		buffer := make([]byte, 64<<10)
		for reads := 0; ; {
			n, err := c.Read(buffer)
			if n == 0 && err != nil {
				return
			}
			reads++
			had = append(had, buffer[:n]...)
			for {
				line, rest, whole := bytes.Cut(had, []byte("\n"))
				if !whole {
					break
				}
				if had = rest; answer(c, string(line), reads) != nil {
					return
				}
			}
			if len(had) == 0 {
				reads = 0
			}
		}
	}
}

// say writes an answer that hangs on how many reads brought the line.
func say(text func(line string, reads int) string) func(judgetest.Conn, string, int) error {
	return func(c judgetest.Conn, line string, reads int) error {
		_, err := io.WriteString(c, text(line, reads))
		return err
	}
}

// chunkedBy answers with a body in chunks of so many bytes each as reads brought the request.
func chunkedBy(body string, spoil bool) func(judgetest.Conn, int) {
	return byReads(func(c judgetest.Conn, line string, reads int) error {
		if line != "\r" {
			return nil
		}
		var b strings.Builder
		b.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		rest := body
		if spoil && reads > 1 {
			rest = strings.ToUpper(rest[:3]) + rest[3:]
		}
		for size := 1 + reads%5; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", min(size, len(rest)), rest[:min(size, len(rest))])
		}
		b.WriteString("0\r\n\r\n")
		_, err := io.WriteString(c, b.String())
		return err
	})
}

// tokens gives each client a token when it logs in, and wants it back.
func tokens(length func(number int) int) func(judgetest.Conn, int) {
	return func(c judgetest.Conn, number int) {
		token := strings.Repeat(strconv.Itoa(number%10), length(number))
		judgetest.Answering(func(line string, _, _ int) string {
			switch {
			case line == "LOGIN":
				return "TOKEN " + token + "\n"
			case line == "USE "+token, line == "BYE "+token:
				return "OK " + token + "\n"
			}
			return "NO\n"
		})(c, number)
	}
}

const eitherOrder = "protocol: either\nexchanges:\n  - name: a line\n    send: \"hello\\n\"\n    expect: "

// TestWordsOfFiles holds what an exchange file can say of answers that differ and are right, and that what is wrong still is.
func TestWordsOfFiles(t *testing.T) {
	judgetest.Table(t)
	order := byReads(say(func(_ string, reads int) string {
		if reads == 1 {
			return "A\nB\n"
		}
		return "B\nA\n"
	}))
	const get = "protocol: HTTP\npipelines: true\nexchanges:\n  - {name: GET, send: \"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n\", expect: "
	const token = "protocol: tokens\nsetup: [{send: \"LOGIN\\n\", expect: {pattern: 'TOKEN [0-9]+\\n'}, capture: {name: token, pattern: 'TOKEN ([0-9]+)\\n'}}]\npipelines: true\nexchanges:\n  - {name: use, send: \"USE {{token}}\\n\", expect: \"OK {{token}}\\n\"}\n  - {name: use again, send: \"USE {{token}}\\n\"}\n"
	servers := map[string]exchanging{
		"a pattern allows both orders":                {eitherOrder + "{pattern: '(?:A\\nB\\n|B\\nA\\n)'}\n", "FRAM", order, report.Conformant, ""},
		"the order is free":                           {eitherOrder + "{unordered: [\"A\\n\", \"B\\n\"]}\n", "FRAM", order, report.Conformant, ""},
		"one of two":                                  {eitherOrder + "{either: [\"A\\nB\\n\", \"B\\nA\\n\"]}\n", "FRAM", order, report.Conformant, ""},
		"a pattern that must come the same each time": {eitherOrder + "{pattern: '(?:A\\nB\\n|B\\nA\\n)', same: true}\n", "FRAM-1,FRAM-2", order, report.NotConformant, "(FRAM-2)"},
		"an answer that no pattern allows": {eitherOrder + "{pattern: '(?:A\\nB\\n|B\\nA\\n)'}\n", "FRAM-1,FRAM-2", byReads(say(func(_ string, reads int) string {
			return []string{"A\nB\n", "B\nC\n"}[min(reads-1, 1)]
		})), report.NotConformant, "(FRAM-2)"},
		"one of several ends": {"protocol: list\nexchanges:\n  - {name: list, send: \"list\\n\", expect: {until: [\".\\r\\n\", \"-ERR\\r\\n\"]}}\n", "FRAM,CLOS-1", byReads(say(func(_ string, reads int) string {
			return []string{"a\r\n.\r\n", "-ERR\r\n"}[reads%2]
		})), report.Conformant, ""},
		"a greeting of some lines": {"protocol: reply\ngreeting: {reply: 220}\npipelines: true\nexchanges:\n  - {name: NOOP, send: \"NOOP\\r\\n\", expect: {reply: [2xx, 5xx]}}\n", "FRAM,CLOS-1", func(c judgetest.Conn, number int) {
			for range number % 4 {
				_, _ = io.WriteString(c, "220-welcome\r\n 220 is not the end\r\n")
			}
			_, _ = io.WriteString(c, "220 ready\r\n")
			byReads(say(func(_ string, reads int) string { return strings.Repeat("250-more\r\n", reads%3) + "250 ok\r\n" }))(c, number)
		}, report.Conformant, ""},
		"chunks that follow the reads":           {get + "{frame: http1}}\n", "FRAM,CLOS-1,FLOW-1", chunkedBy("a body of some bytes", false), report.Conformant, ""},
		"a head, and chunks":                     {get + "[{pattern: 'HTTP/1.1 200 [^\\r\\n]*\\r\\n(?:[^\\r\\n]+\\r\\n)*\\r\\n'}, {frame: chunked}]}\n", "FRAM,CLOS-1", chunkedBy("a body of some bytes", false), report.Conformant, ""},
		"chunks whose content hangs on the cuts": {get + "{frame: http1}}\n", "FRAM-1,FRAM-2", chunkedBy("a body of some bytes", true), report.NotConformant, "(FRAM-2)"},
		"a value of an answer":                   {token, "LIFE-1..2,LIFE-5,CONC,FRAM,CLOS,ROBU-3", tokens(func(int) int { return 8 }), report.Conformant, ""},
		"a value of another length each time":    {token + "leave: {send: \"BYE {{token}}\\n\", expect: \"OK {{token}}\\n\"}\n", "CONC,FRAM,CLOS", tokens(func(n int) int { return 4 + n%7 }), report.Conformant, ""},
		"a value of an answer before it": {"protocol: tokens\nexchanges:\n  - name: use\n    before: [{send: \"LOGIN\\n\", capture: {name: token, pattern: '[0-9]+'}}]\n    send: \"USE {{token}}\\n\"\n", "CONC,FRAM,CLOS", tokens(func(n int) int { return 4 + n%2 }),
			report.Conformant, ""},
		"an answer without the value": {strings.Replace(token, "'TOKEN ([0-9]+)", "'TOKEN (x+)", 1), "FRAM-1", tokens(func(int) int { return 8 }), report.NoVerdict, "the answer does not hold what {{token}} is captured by, TOKEN (x+)"},
	}
	for name, c := range servers {
		judgetest.Virtually(t, name, c.hold)
	}
}

// TestMismatch holds the evidence of an answer that matches no pattern: the pattern in words, and no offset that is none of the answer's.
func TestMismatch(t *testing.T) {
	for name, c := range map[string]struct{ expect, problem, differs, expected string }{
		"it is not whole":      {`[{until: [" 376 ", " 422 "]}, {until: "\r\n"}]`, "not a whole answer", "at offset 6 of the answer: it ends there, and is not whole", `anything up to " 376 " or " 422 ", then anything up to "\r\n"`},
		"it is another":        {`{pattern: 'HE[a-z]+\n'}`, "the answer is wrong from byte 2 on", `at offset 2 of the answer: 0x4c "L" came, which no right answer has there`, `the pattern HE[a-z]+\n`},
		"it goes on":           {`[{pattern: 'HE'}, {lines: 1}, "bye\n"]`, "not a whole answer", "at offset 6 of the answer: it ends there", `the pattern HE, then anything up to "\n", then "bye\n"`},
		"it should be shorter": {`[{pattern: 'H[A-Z]'}]`, "the answer goes on after its 2 bytes", `at offset 2 of the answer: 0x4c "L" came`, `the pattern H[A-Z]`},
		"bytes":                {`"hello\n"`, "the answer is wrong from byte 0 on", `at offset 0 of the answer: 0x68 "h" expected, 0x48 "H" came`, `6 bytes  "hello\n"`},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "test.yaml", judgetest.Answering(func(line string, _, _ int) string { return strings.ToUpper(line) + "\n" }))
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, "protocol: upper\nexchanges:\n  - {name: a line, send: \"hello\\n\", expect: "+c.expect+"}\n"), "FRAM-1"
			r, err := judge.Judge(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(report.FailureText(r.Results[0], report.ConsoleOptions{Width: 200})), " ")
			for _, want := range []string{c.problem, "differs " + c.differs, "expected " + strings.Join(strings.Fields(c.expected), " ")} {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			if strings.Contains(text, "‹") {
				t.Errorf("it shows a pattern as if it were bytes:\n%s", text)
			}
		})
	}
}
