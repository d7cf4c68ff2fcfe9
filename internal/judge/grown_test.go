package judge_test

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// TestGrown holds that a message with a part that grows is asked for as long as a rule likes, and that its echo is compared.
func TestGrown(t *testing.T) {
	judgetest.Virtually(t, "echo", func(t *testing.T) {
		cfg := judgetest.Serving(t, "test.yaml", func(c judgetest.Conn, _ int) {
			in := bufio.NewReader(c)
			for {
				head, err := in.ReadString('\n')
				if err != nil {
					return
				}
				n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(head, "$")))
				if err != nil {
					return
				}
				body := make([]byte, n+2)
				if _, err := io.ReadFull(in, body); err != nil {
					return
				}
				if n > 4096 { // what lies past its buffer is lost
					body[4096] = '!'
				}
				_, _ = fmt.Fprintf(c, "$%d\r\n%s", n, body)
			}
		})
		cfg.Exchange = judgetest.ExchangeFile(t, `protocol: echo of a bulk string
exchanges:
  - name: ECHO
    send: ["$", {length: decimal, then: "\r\n", of: {grow: {from: 1, to: 100000}}}, "\r\n"]
    expect: ["$", {length: decimal, then: "\r\n", of: {grown: true}}, "\r\n"]
`)
		r, err := judge.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(t.Context())
		g := r.Server.Dialect.(dialect.Grower)
		if least, most, ok := g.Grows(); least != 1 || most != 100000 || !ok {
			t.Errorf("it grows from %d to %d, %t", least, most, ok)
		}
		b := r.Bench("test", "test")
		defer b.Done()
		for n, want := range map[int]string{1: "", 9: "", 10: "", 4095: "", 4096: "", 4097: "the answer is wrong from byte 4103 on"} {
			s, ok := g.Grown(n)
			if !ok || len(s.Bind("c000000000").Request) != n+len(strconv.Itoa(n))+5 {
				t.Fatalf("%d: %d bytes, %t", n, len(s.Request), ok)
			}
			_, f := b.Try(t.Context(), s, player.Delivery{}, b.Wait())
			got := ""
			if f != nil {
				got = f.Problem
			}
			if got != want {
				t.Errorf("%d bytes: %q, want %q", n, got, want)
			}
			if f == nil {
				continue
			}
			p, err := plan.Parse([]byte(f.Evidence.Plan))
			if err != nil {
				t.Fatal(err)
			}
			due, err := r.Server.Due(p)
			if err != nil || len(due) != 1 || string(due[0].Session.Request) != string(s.Request) {
				t.Errorf("%v: it is not the plan of what failed:\n%s", err, f.Evidence.Plan)
			}
		}
		for _, n := range []int{0, 100001} {
			if _, ok := g.Grown(n); ok {
				t.Errorf("it grows to %d bytes", n)
			}
		}
	})
}
