package files

import (
	"bufio"
	"io"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// named serves messages with a name and a body, each behind its length, and answers both; a name is kept in so many bytes.
func named(room int) func(c judgetest.Conn, _ int) {
	return func(c judgetest.Conn, _ int) {
		in := bufio.NewReader(c)
		part := func(size int) ([]byte, bool) {
			head := make([]byte, size)
			if _, err := io.ReadFull(in, head); err != nil {
				return nil, false
			}
			n := 0
			for _, b := range head {
				n = n<<8 | int(b)
			}
			b := make([]byte, n)
			_, err := io.ReadFull(in, b)
			return b, err == nil
		}
		for {
			name, ok := part(2)
			body, all := part(3)
			if !ok || !all {
				return
			}
			if len(name) > room {
				name[room] = '!'
			}
			_, _ = c.Write(append(append(name, body...), '\n')) // the client sees how far it comes
		}
	}
}

const namedFile = `protocol: names and bodies
exchanges:
  - name: a long body
    send: [{length: u16, of: hello}, {length: u24, of: {grow: {from: 1, to: 100000}}}]
    expect: [hello, {grown: true}, "\n"]
  - name: a long name
    send: [{length: u16, of: {grow: {from: 1, to: 5000}}}, {length: u24, of: hello}]
    expect: [{grown: true}, "hello\n"]
`

// TestEveryPartGrows: each message with a part whose length is free is made long, not the one alone that may be longest; the report says how
// long they were, and a likely cause names the length that was too long for the one that broke.
func TestEveryPartGrows(t *testing.T) {
	for name, test := range map[string]struct {
		room    int
		verdict report.Verdict
		says    []string
	}{
		"right":           {1 << 16, report.Pass, []string{`"a long body" up to 100000 bytes`, `"a long name" up to 5000 bytes`}},
		"names of a byte": {255, report.Fail, []string{"of a message with a part of 256 bytes", "what is longer than 255 bytes is answered wrongly", "a length that is kept in one byte", "a long name#256"}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "test.yaml", named(test.room))
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, namedFile), "FRAM-1,FRAM-12"
			holdWords(t, judgetest.Judge(t, cfg), "FRAM-12", test.verdict, test.says)
		})
	}
}
