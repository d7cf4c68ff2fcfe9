package judgetest

import (
	"bufio"
	"io"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
)

// LineFile is an exchange file for a line server.
const LineFile = `protocol: lines
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

// ExchangeFile reads a file that a test has in its text.
func ExchangeFile(t testing.TB, text string) *exchange.File {
	t.Helper()
	f, err := exchange.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Answering has each line answered.
func Answering(answer func(line string, number, nth int) string) func(Conn, int) {
	return func(c Conn, number int) {
		lines := bufio.NewScanner(c)
		for nth := 1; lines.Scan(); nth++ {
			if _, err := io.WriteString(c, answer(lines.Text(), number, nth)); err != nil {
				return
			}
		}
	}
}

// AskFile is an exchange file with one message, and nothing of its answer.
const AskFile = "protocol: asking\nexchanges:\n  - name: ask\n    send: \"ask {{conn}}\\n\"\n"
