//go:build unix

package target

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// kept is what a server allocated.
var kept []any

// serve plays one role; a role that returns ends with status 0.
func serve(role, address string, args []string) {
	switch role {
	case "plain":
		listenAndServe(address)
	case "late": // listens a while after its start
		time.Sleep(300 * time.Millisecond)
		listenAndServe(address)
	case "exits":
		fmt.Fprintln(os.Stderr, "no configuration found")
		os.Exit(3)
	case "background":
		os.Exit(0)
	case "deaf": // never listens
		fmt.Fprintln(os.Stderr, "I will not listen")
		select {}
	case "elsewhere":
		_, port, _ := net.SplitHostPort(address)
		listenAndServe("127.0.0.2:" + port)
	case "stubborn": // SIGTERM means nothing to it
		signal.Ignore(syscall.SIGTERM)
		listenAndServe(address)
	case "obeys": // says goodbye and exits
		terms := make(chan os.Signal, 1)
		signal.Notify(terms, syscall.SIGTERM)
		go listenAndServe(address)
		<-terms
		fmt.Println("goodbye")
		os.Exit(7)
	case "holder": // a grandchild in the group holds the pipes and outlives it
		again(nil, "sleeper", address)
		listenAndServe(address)
	case "escape": // the grandchild has a session of its own, too
		again(&syscall.SysProcAttr{Setsid: true}, "sleeper", address)
		listenAndServe(address)
	case "heavy": // the grandchild's end takes a moment, and it holds no pipe of ours
		cmd := exec.Command(os.Args[0], "serve", "sleeper", address, "heavily")
		ready, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_, _ = bufio.NewReader(ready).ReadString('\n')
		fmt.Println("child", cmd.Process.Pid)
		listenAndServe(address)
	case "wrapper": // the child listens
		again(nil, "plain", address)
		select {}
	case "wrapper-apart": // the child listens, in a session of its own
		again(&syscall.SysProcAttr{Setsid: true}, "plain", address)
		select {}
	case "leaves": // ends, and leaves a child behind that listens
		again(&syscall.SysProcAttr{Setsid: true}, "plain", address)
	case "leaves-when-told": // the same, with the status that it is given, when it is told so
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGUSR1)
		again(&syscall.SysProcAttr{Setsid: true}, "plain", address)
		<-told
		status, _ := strconv.Atoi(args[0])
		os.Exit(status)
	case "breeder": // a child whose own child has no parent any more when it is known of
		again(&syscall.SysProcAttr{Setsid: true}, "midwife", address)
		listenAndServe(address)
	case "midwife":
		again(&syscall.SysProcAttr{Setsid: true}, "sleeper", address)
	case "sleeper": // with an argument, its end takes the system a moment
		signal.Ignore(syscall.SIGTERM)
		if len(args) > 0 {
			if err := allocate(96 << 20); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
			fmt.Println("ready")
		}
		select {}
	case "oneshot": // serves one connection and ends
		l := mustListen(address)
		c, err := l.Accept()
		_ = l.Close()
		if err == nil {
			answer(c)
		}
	case "flood": // hostile output, without end
		l := mustListen(address)
		go acceptAll(l)
		junk := bytes.Repeat([]byte("\x1b[31m\xff\x00\x9b\u0085é\u202e\r\n"), 5000)
		for {
			_, _ = os.Stderr.Write(junk)
			_, _ = os.Stdout.Write(junk)
		}
	case "unlucky": // lets the test do something before it binds
		tell(args[0], address)
		listenAndServe(address)
	case "delegates": // lets the test listen in its place
		tell(args[0], address)
		select {}
	default:
		fmt.Fprintln(os.Stderr, "no such role")
		os.Exit(64)
	}
}

// again starts this binary in another role, with the same outputs.
func again(attr *syscall.SysProcAttr, role, address string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "serve", role, address)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, attr
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("child", cmd.Process.Pid)
	return cmd
}

// tell tells the test where it should listen and waits for the test's answer.
func tell(control, address string) {
	c, err := net.Dial("tcp", control)
	if err != nil {
		os.Exit(9)
	}
	fmt.Fprintln(c, address)
	_, _ = bufio.NewReader(c).ReadString('\n')
}

func mustListen(address string) net.Listener {
	l, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return l
}

func listenAndServe(address string) { acceptAll(mustListen(address)) }

func acceptAll(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go answer(c)
	}
}

// answer says that a line has come.
func answer(c net.Conn) {
	defer func() { _ = c.Close() }()
	_, _ = bufio.NewReader(c).ReadString('\n')
	fmt.Fprintln(c, "done")
}

// allocate takes memory and touches it: mapped, because the race detector keeps
// several bytes for each of Go's own.
func allocate(n int) error {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return err
	}
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	kept = append(kept, b)
	return nil
}
