package judge_test

import (
	"io"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/player"
)

// TestJoinedEnd: evidence says how the end of the stream came to the server, and not how it was meant to come.
func TestJoinedEnd(t *testing.T) {
	for name, test := range map[string]struct {
		late, patience time.Duration
		want           string
	}{
		"by itself":            {0, 10 * time.Second, "whole, then half-close"},
		"behind unread bytes":  {2 * time.Second, time.Millisecond, "whole, half-close with the last segment"},
		"read a little later":  {100 * time.Millisecond, time.Millisecond, "whole, then half-close"},
		"read while it waited": {100 * time.Millisecond, 10 * time.Second, "whole, then half-close"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			s, err := judge.Open(t.Context(), judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
				time.Sleep(test.late)
				_, _ = io.Copy(io.Discard, c)
			}))
			if err != nil {
				t.Fatal(err)
			}
			b := s.Bench("TEST-1/end", "TEST-1/end")
			defer b.Done()
			_, f := b.Try(t.Context(), b.Dialect.Plain("end"), player.Delivery{Options: delivery.Options{ConfirmCap: test.patience}}, 10*time.Second)
			if !f.Fact() {
				t.Fatalf("%+v", f)
			}
			if f.Evidence.Delivery != test.want {
				t.Errorf("%s: %s", f.Evidence.Delivery, f.Evidence.Plan)
			}
		})
	}
}
