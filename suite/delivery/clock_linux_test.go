package delivery

import (
	"bufio"
	"context"
	"fmt"
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

// beHeld waits for a cut to be confirmed, and for an answer, and tells the server what came of each.
func beHeld() {
	fmt.Println(os.Getpid())
	ctx := context.Background()
	c, err := Dial(ctx, os.Getenv(heldEnv), Options{ConfirmCap: heldWait})
	if err != nil {
		panic(err)
	}
	tell := func(what any) {
		if err := c.Send(ctx, fmt.Appendln(nil, what)); err != nil {
			panic(err)
		}
	}
	tell("read")
	tell(c.Cut(ctx))
	tell(c.Receive(ctx, Want{Any: [][]byte{[]byte("ok")}, Idle: heldWait}).State)
	select {}
}

// TestKeptFromRunning stops the client for longer than it waits, and has the server read and answer a moment after the
// client goes on: for a machine that slept, both have slept.
func TestKeptFromRunning(t *testing.T) {
	got := make(chan string, 2)
	pid := make(chan int, 1)
	t.Setenv(heldEnv, serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		hold := func(pid int) {
			time.Sleep(heldWait / 4) // the client has begun to wait
			_ = syscall.Kill(pid, syscall.SIGSTOP)
			time.Sleep(heldFor)
			_ = syscall.Kill(pid, syscall.SIGCONT)
			time.Sleep(heldWait / 4)
		}
		_ = nc.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, _ = nc.Read(make([]byte, 1)) // of what has come: the cut waits for the rest to be read
		client := <-pid
		hold(client)
		lines := bufio.NewReader(nc)
		_, _ = lines.ReadString('\n')
		for range 2 {
			line, err := lines.ReadString('\n')
			if err != nil {
				line = err.Error()
			}
			got <- strings.TrimSpace(line)
			hold(client)
			_, _ = nc.Write([]byte("ok"))
		}
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
	if state := next(); state != string(Right) {
		t.Errorf("the answer is %s", state)
	}
}
