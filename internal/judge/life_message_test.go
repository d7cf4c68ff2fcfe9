package judge_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/target"
)

// servePages serves judgetest.PageFile, with pages of four times the size, until SIGTERM: then its process ends at once, or when all that was
// asked for is answered.
func servePages(how, addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	var clients sync.WaitGroup
	clients.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			clients.Go(func() {
				defer c.Close()
				defer context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Now()) })() // what it has read is answered
				judgetest.Pages(c, func(answer []byte, page bool) bool {
					if page {
						answer = append(bytes.Repeat(judgetest.PageBody(), 3), answer...)
					}
					_, err := c.Write(answer)
					return err == nil
				})
			})
		}
	})
	<-ctx.Done()
	if how == "cut" {
		os.Exit(0)
	}
	_ = l.Close()
	clients.Wait()
	return nil
}

// TestStopInALongMessage: a server that ends in the middle of a long answer to a message of an exchange file is told from one that gives
// it whole.
func TestStopInALongMessage(t *testing.T) {
	judgetest.Table(t)
	for how, cut := range map[string]bool{"finish": false, "cut": true} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			tg, err := target.Start(t.Context(), judgetest.Launcher(t, "pages-"+how, "line"))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			r, err := judge.Open(t.Context(), judge.Config{Target: tg, Dialect: "test.yaml", Exchange: judgetest.ExchangeFile(t, judgetest.PageFile), Only: "LIFE-7"})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(t.Context())
			for _, c := range rules.For("LIFE-7", r.Dialect()) {
				if c.ID != "LIFE-7/long-message-in-progress" {
					continue
				}
				if f := r.Play(t.Context(), c); f.Fact() != cut || cut && (f.Evidence.Failed != 2 || !strings.Contains(f.Problem, "asked to stop in mid-answer")) || !cut && f != nil {
					t.Errorf("%+v", f)
				}
				return
			}
			t.Error("the case is not there")
		})
	}
}
