package judge_test

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
)

// growing is a file whose message has a part whose length is free, behind its length in four bytes.
const growing = `protocol: frames
exchanges:
  - {name: any, send: {length: u32, of: {grow: {from: 1, to: 100000, of: "abc"}}}, expect: {length: u32, of: {grown: true}}}
  - {name: bye, send: {length: u32, of: "bye"}, expect: {length: u32, of: "bye"}}
`

// TestBorder: where messages are answered rightly up to a length, that is found, and what is usual of it is said.
func TestBorder(t *testing.T) {
	for name, c := range map[string]struct {
		answers func(body []byte) []byte
		border  int
		says    string
	}{
		"right":                            {func(b []byte) []byte { return b }, 0, ""},
		"a length of one byte":             {func(b []byte) []byte { return b[:len(b)&0xff] }, 255, "a length that is kept in one byte"},
		"a length of two bytes":            {func(b []byte) []byte { return b[:len(b)&0xffff] }, 65535, "a length that is kept in two bytes"},
		"a buffer with the header":         {func(b []byte) []byte { return b[:min(len(b), 4092)] }, 4092, "a buffer of 4096 bytes"},
		"a buffer of some length":          {func(b []byte) []byte { return b[:min(len(b), 70000)] }, 70000, "a buffer or a limit of about that size"},
		"some lengths by themselves":       {func(b []byte) []byte { return b[:len(b)-min(len(b)%1000/999, 1)] }, 0, ""},
		"nothing that is longer than that": {func([]byte) []byte { return nil }, 0, ""},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "test.yaml", func(client judgetest.Conn, _ int) {
				for {
					header := make([]byte, 4)
					if _, err := io.ReadFull(client, header); err != nil {
						return
					}
					body := make([]byte, binary.BigEndian.Uint32(header))
					if _, err := io.ReadFull(client, body); err != nil {
						return
					}
					if string(body) != "bye" { // which has to be answered, so that there is something to judge by
						body = c.answers(body)
					}
					if _, err := client.Write(framed(body)); err != nil {
						return
					}
				}
			})
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, growing), "FRAM-1"
			r, err := judge.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Border(t.Context()); got != c.border || !strings.Contains(judge.Beyond(got), c.says) || (judge.Beyond(got) == "") != (c.says == "") {
				t.Errorf("the border is %d, want %d: %q", got, c.border, judge.Beyond(got))
			}
		})
	}
}

// framed is a body behind its length in four bytes.
func framed(body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}
