package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/suite/delivery"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// robu is the family ROBU. After each of its cases a fresh connection must get a right answer.
var robu = Family{ID: "ROBU", Name: "abuse", Summary: "after whatever a client does, the server serves, and its answer is right", Requirements: []Requirement{
	{
		ID: "ROBU-1", Level: report.Must, Title: "200 resets",
		Sentence:  "After 200 connections that were reset in the middle of a request a server MUST serve, and rightly.",
		Rationale: "Scanners, load balancers' health checks and crashing clients reset all day.",
		Citation:  "RFC 9293, section 3.5.3 (reset processing); contract section 4, ROBU-1",
		Dialects:  "egls",
		Causes:    []string{"an error of read or write ends the server", "SIGPIPE is not ignored"},
		Cases:     []Case{{ID: "resets", Needs: Alone, Run: robuResets}},
	},
	{
		ID: "ROBU-2", Level: report.Must, Title: "64 MiB without a line end",
		Sentence:  "After 64 MiB without a line end a server MUST serve, and rightly; its memory MUST grow by less than 16 MiB.",
		Rationale: "A reader without a limit hands each client the server's memory.",
		Citation:  "contract section 4, ROBU-2",
		Dialects:  "egls",
		Causes:    []string{"the line is collected without a limit", "the answer to a client that reads slowly is collected without a limit"},
		Cases: []Case{
			{ID: "endless-line", Needs: Alone | Big, Run: robuEndless},
			{ID: "memory", Needs: PID | Big, Run: robuMemory},
		},
	},
	{
		ID: "ROBU-3", Level: report.Must, Title: "500 idle connections",
		Sentence:  "Beside and after 500 idle connections a server MUST serve, and rightly.",
		Rationale: "Idle connections cost a client nothing, and a server that is full of them is down.",
		Citation:  "contract section 4, ROBU-3",
		Dialects:  "egls",
		Causes:    []string{"the limit of open files ends the accept loop (EMFILE): wait and go on", "a thread or process for each connection runs out", "select with descriptors above 1023"},
		Cases:     []Case{{ID: "idle", Needs: Alone, Run: robuIdle}},
	},
	{
		ID: "ROBU-4", Level: report.Must, Title: "random garbage",
		Sentence:  "After random bytes a server MUST serve, and rightly.",
		Rationale: "Everything that listens is sent TLS, HTTP and noise sooner or later.",
		Citation:  "contract section 4, ROBU-4",
		Dialects:  "egls",
		Causes:    []string{"an error of parsing or decoding ends the server", "a length that was read is believed, and its memory taken"},
		Cases:     []Case{{ID: "garbage", Needs: Alone, Run: robuGarbage}},
	},
	{
		ID: "ROBU-5", Level: report.Must, Title: "2,000 connects and closes",
		Sentence:  "After 2,000 connections that were opened and closed at once a server MUST serve, and rightly.",
		Rationale: "Port scans and health checks connect and leave.",
		Citation:  "contract section 4, ROBU-5",
		Dialects:  "egls",
		Causes:    []string{"an error of accept (ECONNABORTED) or of the first read ends the server", "something is leaked for each connection"},
		Cases:     []Case{{ID: "connects", Needs: Alone, Run: robuConnects}},
	},
	{
		ID: "ROBU-6", Level: report.Must, Title: "a client that never reads",
		Sentence:  "With a client that sends requests and never reads, and after it, a server MUST serve, and rightly.",
		Rationale: "A stuck client fills every buffer on its way; that must stay its own affair.",
		Citation:  "contract section 4, ROBU-6",
		Dialects:  "egls",
		Causes:    []string{"a blocking write holds up the whole server", "the answer is collected without a limit"},
		Cases:     []Case{{ID: "never-reads", Needs: Alone, Run: robuNeverReads}},
	},
}}

func robuResets(ctx context.Context, e *Env) error {
	for i := range 200 {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		r := e.Dialect.Plain("reset").Request
		_ = c.Send(ctx, r[:len(r)*(i%4)/3]) // an error is the server's leaving first, which the pulse judges
		c.Abort()
	}
	return nil
}

const endless = 64 << 20

// robuEndless sends 64 MiB without a line end, and takes whatever comes back.
func robuEndless(ctx context.Context, e *Env) error {
	return flood(ctx, e, endless)
}

// flood sends n bytes without a line end and drains what comes back. That the
// server closes, or stops reading, is its right.
func flood(ctx context.Context, e *Env, n int) error {
	c, err := e.Dial(ctx, delivery.Options{Stall: e.Wait()})
	if err != nil {
		return err
	}
	defer c.Close()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		c.Receive(ctx, delivery.Want{Idle: e.LongWait(), Total: time.Minute, Limit: 4 * endless})
	}()
	block := []byte(pattern(256 << 10))
	if e.Dialect.Letter() == 's' {
		if err := c.Send(ctx, []byte("READLINE\n")); err != nil {
			return nil
		}
	}
	for sent := 0; sent < n && ctx.Err() == nil; sent += len(block) {
		if err := c.Send(ctx, block); err != nil {
			break
		}
	}
	c.Cut(ctx)
	_ = c.HalfClose()
	<-drained
	return ctx.Err()
}

// robuMemory measures the memory of the server over two floods: the first lets
// it take what it keeps, the second must not take as much again.
func robuMemory(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	const bound = 16 << 20
	if err := own.Pulse(ctx); err != nil {
		return err
	}
	before, err := target.Observe(own.pid)
	if err != nil {
		return undecided("the server's process could not be observed: %v", err)
	}
	peak := before.Memory
	watched, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for watched.Err() == nil {
			if f, err := target.Observe(own.pid); err == nil {
				peak = max(peak, f.Memory)
			}
			select {
			case <-watched.Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	err = flood(ctx, own, endless)
	if f, observeErr := target.Observe(own.pid); observeErr == nil && err == nil {
		peak = max(peak, f.Memory)
	}
	stop()
	<-done
	if err != nil {
		return err
	}
	grown := (peak - before.Memory) >> 20
	if peak-before.Memory >= bound {
		return broken("the server's memory grew by %d MiB (from %d to %d) during 64 MiB without a line end", grown, before.Memory>>20, peak>>20)
	}
	e.Observe("memory grew by %d MiB", grown)
	return own.Pulse(ctx)
}

// robuIdle opens 500 connections and has an answer beside them. A server that
// serves one client at a time is asked when they have left.
func robuIdle(ctx context.Context, e *Env) error {
	const idle = 500
	for i := range idle {
		c, err := e.Dial(ctx, delivery.Options{Timeout: e.Wait(), Number: i})
		if err != nil {
			var m *missing
			if e.suite.gate.serial && errors.As(err, &m) && !m.gone {
				e.Observe("%d connections fit into its queue", i)
				break
			}
			return during(err, fmt.Sprintf("with %d idle connections, ", i))
		}
		defer c.Close()
	}
	if e.suite.gate.serial {
		e.done() // they leave
		return nil
	}
	return during(e.Pulse(ctx), fmt.Sprintf("beside %d idle connections: ", idle))
}

func robuGarbage(ctx context.Context, e *Env) error {
	for i := range 40 {
		c, err := e.Dial(ctx, delivery.Options{Stall: e.Wait()})
		if err != nil {
			return err
		}
		garbage := make([]byte, 1+e.Rand.IntN(8000))
		for k := range garbage {
			garbage[k] = byte(e.Rand.Uint32())
		}
		_ = c.Send(ctx, garbage) // the server may close before all has come
		if i%2 == 0 {
			_ = c.HalfClose()
			c.Receive(ctx, delivery.Want{Idle: 50 * time.Millisecond, Total: time.Second})
		}
		c.Close()
	}
	return nil
}

func robuConnects(ctx context.Context, e *Env) error {
	for i := range 2000 {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return during(err, fmt.Sprintf("after %d connections that were opened and closed, ", i))
		}
		if i%2 == 0 {
			c.Close()
		} else {
			c.Abort()
		}
	}
	return nil
}

// robuNeverReads fills the buffers on both sides: the server's writes must wait
// or fail, and others be served. A server that serves one client at a time is asked when this one has left.
func robuNeverReads(ctx context.Context, e *Env) error {
	c, err := e.Dial(ctx, delivery.Options{ReceiveBuffer: 8 << 10, Stall: 200 * time.Millisecond})
	if err != nil {
		return err
	}
	defer c.Close()
	s := e.Dialect.Bulk(12<<20, e.suite.cfg.Seed+2)
	_ = c.Send(ctx, s.Request) // it ends when the server has taken nothing for 200 ms, or taken all
	if e.suite.gate.serial {
		return nil
	}
	return during(e.Pulse(ctx), "beside a client that never reads: ")
}
