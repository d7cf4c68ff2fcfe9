package delivery

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"
)

const (
	heldEnv = "STREAMSPEC_DELIVERY_HELD" // the address that the held client connects to
	heldCap = 400 * time.Millisecond     // of its cuts
	heldFor = 200 * time.Millisecond     // how long it is kept from running at least
)

func init() { roles["held"] = beHeld }

// beHeld waits for a cut, which is never confirmed, and for an answer, again and again. It prints what it waits for, and then how
// much of the wait it left out.
func beHeld() {
	ctx := context.Background()
	c, err := Dial(ctx, os.Getenv(heldEnv), Options{ConfirmCap: heldCap})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(os.Getpid())
	for {
		if err := c.Send(ctx, []byte("x")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		c.caps = capState{}
		fmt.Println("cut")
		begun := time.Now()
		c.Cut(ctx)
		fmt.Println(int64(time.Since(begun) - heldCap))
		fmt.Println("answer")
		begun = time.Now()
		a := c.Receive(ctx, patiently(Want{Any: texts("ok")}))
		fmt.Println(int64(time.Since(begun) - a.Elapsed))
	}
}

// TestRealHold stops a client while it waits. It needs the real machine, because only there do timers and nanosleep return
// late by as long as a process was stopped. How long a wait takes is bounded from below alone, by the stop; where the stop fell
// between two waits, the client is stopped again.
func TestRealHold(t *testing.T) {
	realtime.Alone(t)
	answer := make(chan string)
	t.Setenv(heldEnv, serve(t, func(nc *net.TCPConn) { // reads nothing
		for text := range answer {
			_, _ = nc.Write([]byte(text))
		}
	}))
	defer close(answer)
	out := launch(t, "held")
	pid, err := strconv.Atoi(nextLine(t, out))
	if err != nil {
		t.Fatal(err)
	}
	hold := func() {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the client is stopped", func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			return err == nil && strings.Contains(string(stat), ") T ")
		})
		time.Sleep(heldFor) // of the stop, which nothing but time makes long
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	leftOut := map[string]bool{}
	for begun := time.Now(); !leftOut["cut"] || !leftOut["answer"]; {
		if time.Since(begun) > hang {
			t.Fatalf("it left a stop out of its waits: %v", leftOut)
		}
		wait := nextLine(t, out)
		hold()
		if wait == "answer" {
			answer <- "ok"
		}
		ns, err := strconv.ParseInt(nextLine(t, out), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if time.Duration(ns) >= heldFor-mostAsleep-lateness {
			leftOut[wait] = true
		}
	}
}
