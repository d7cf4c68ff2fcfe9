package delivery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	heldEnv  = "STREAMSPEC_DELIVERY_HELD" // the address that the held client connects to
	heldWait = 400 * time.Millisecond     // how long it waits
	heldFor  = 600 * time.Millisecond     // how long it is kept from running
)

func init() { roles["held"] = beHeld }

// beHeld waits for a cut to be confirmed, for an answer, and for one of which a part comes at once, and tells the server what
// came of each.
func beHeld() {
	fmt.Println(os.Getpid())
	ctx := context.Background()
	c, err := Dial(ctx, os.Getenv(heldEnv), Options{ConfirmCap: heldWait})
	tell := func(what any) {
		if err == nil {
			err = c.Send(ctx, fmt.Appendln(nil, what))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	tell("read")
	tell(c.Cut(ctx))
	tell(c.Receive(ctx, Want{Any: [][]byte{[]byte("ok")}, Idle: heldWait}).State)
	tell(c.Receive(ctx, Want{Any: [][]byte{[]byte("ok")}, Total: heldWait}).State)
	select {}
}

// TestKeptFromRunning stops the client for longer than it waits, and has the server read, answer, and go on with an answer a
// moment after the client goes on: for a machine that slept, both have slept.
func TestKeptFromRunning(t *testing.T) {
	got := make(chan string, 3)
	pid := make(chan int, 1)
	t.Setenv(heldEnv, serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		hold := func(pid int, meanwhile string) {
			time.Sleep(heldWait / 4) // the client has begun to wait
			_ = syscall.Kill(pid, syscall.SIGSTOP)
			_, _ = io.WriteString(nc, meanwhile)
			time.Sleep(heldFor)
			_ = syscall.Kill(pid, syscall.SIGCONT)
			time.Sleep(heldWait / 4)
		}
		_ = nc.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, _ = nc.Read(make([]byte, 1)) // of what has come: the cut waits for the rest to be read
		client := <-pid
		hold(client, "")
		lines := bufio.NewReader(nc)
		_, _ = lines.ReadString('\n')
		said := func() {
			line, err := lines.ReadString('\n')
			if err != nil {
				line = err.Error()
			}
			got <- strings.TrimSpace(line)
		}
		for _, answer := range []string{"", "o"} { // nothing comes, or a byte, while the client is held
			said()
			hold(client, answer)
			_, _ = io.WriteString(nc, "ok"[len(answer):])
		}
		said()
	}))
	held, err := strconv.Atoi(start(t, "held"))
	if err != nil {
		t.Fatal(err)
	}
	pid <- held
	next := func() string {
		select {
		case line := <-got:
			return line
		case <-time.After(20 * time.Second):
			t.Fatal("the client says nothing")
			return ""
		}
	}
	if cut := next(); cut != Confirmed.String() {
		t.Errorf("the cut is %s", cut)
	}
	for _, answer := range []string{"the answer", "the answer that began while the client was held"} {
		if state := next(); state != string(Right) {
			t.Errorf("%s is %s", answer, state)
		}
	}
}

// TestHeldBeforeTheWait begins a wait whose deadline has passed by then, as where this process was kept from running between
// two lines: it ends, and soon.
func TestHeldBeforeTheWait(t *testing.T) {
	c := dial(t, serve(t, func(nc *net.TCPConn) {
		_, _ = io.Copy(io.Discard, nc)
		nc.Close()
	}), Options{})
	for _, before := range []time.Duration{0, lateness / 2, 2 * lateness, mostAsleep, 10 * time.Minute} {
		w := Want{Any: [][]byte{[]byte("x")}, Idle: mostAsleep / 2, Total: time.Minute, Limit: defaultLimitBytes}
		r := reception{conn: c, want: w, compared: newComparison(w), start: time.Now().Add(-before)}
		r.last = r.start
		began := time.Now()
		if err := r.run(within(t, 10*time.Second), make([]byte, 10)); !errors.Is(err, errWaitOver) {
			t.Errorf("held for %v before it, the wait ended after %v: %v", before, time.Since(began), err)
		}
	}
}
