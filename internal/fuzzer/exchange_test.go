package fuzzer_test

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/report"
)

const asking = `protocol: asking
pipelines: true
exchanges:
  - {name: ask, send: "ask {{conn}}\r\n", expect: "ask {{conn}}\n"}
  - {name: bye, send: "bye\r\n"}
`

// answering serves what take makes of what has come: the answer to it, and what is left of it.
func answering(take func(got []byte) (answer, left []byte)) func(net.Listener) error {
	serve := func(c net.Conn) {
		defer c.Close()
		var got []byte
		for b := make([]byte, 4096); ; {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			var answer []byte
			if answer, got = take(append(got, b[:n]...)); len(answer) > 0 {
				if _, err := c.Write(answer); err != nil {
					return
				}
			}
		}
	}
	return func(l net.Listener) error {
		for {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			go serve(c)
		}
	}
}

// lines are the lines of b that an end ends, each stripped and ended by LF, and what is behind them.
func lines(b []byte, end string) (answer, left []byte) {
	for {
		line, rest, ok := bytes.Cut(b, []byte(end))
		if !ok {
			return answer, b
		}
		answer, b = append(append(answer, bytes.TrimSpace(line)...), '\n'), rest
	}
}

// TestExchanges holds that a client of an exchange file waits for what is due by then, and blames nobody who answers earlier.
func TestExchanges(t *testing.T) {
	for name, c := range map[string]struct {
		take func([]byte) (answer, left []byte)
		says string // of the first failure; empty where none is right
	}{
		"a line ends at LF":             {func(b []byte) ([]byte, []byte) { return lines(b, "\n") }, ""},
		"a line ends at its CR already": {func(b []byte) ([]byte, []byte) { return lines(b, "\r") }, ""},
		"what has come is answered when all of it ends in LF": {func(b []byte) ([]byte, []byte) {
			if !bytes.HasSuffix(b, []byte("\n")) {
				return nil, b
			}
			return lines(b, "\n")
		}, "came only when the rest of the request had been sent"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := meeting(t, "asking.yaml", 3000, answering(c.take))
				var err error
				if cfg.Suite.Exchange, err = exchange.Parse("asking.yaml", []byte(asking)); err != nil {
					t.Fatal(err)
				}
				r := run(t, cfg)
				switch {
				case c.says == "" && (r.Conclusion() != report.Conformant || r.Plans != 3000):
					t.Error(told(r))
				case c.says != "" && (len(r.Failures) == 0 || r.Failures[0].Requirement != "FRAM-9" || !strings.Contains(r.Failures[0].Problem, c.says)):
					t.Error(told(r))
				}
			})
		})
	}
}
