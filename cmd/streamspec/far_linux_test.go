package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/internal/relay"
)

// relayEnv is the environment variable by which this test binary becomes a relay: "from to delay".
const relayEnv = "STREAMSPEC_TEST_RELAY"

func init() {
	var from, to, delay string
	if n, _ := fmt.Sscan(os.Getenv(relayEnv), &from, &to, &delay); n != 3 {
		return
	}
	late, err := time.ParseDuration(delay)
	if err == nil {
		var l net.Listener
		if l, err = net.Listen("tcp", from); err == nil {
			err = relay.Serve(l, to, late)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestFar judges a right server in a network of its own, 50 ms there and back: what the kernel knows of its sockets is not this one's to
// see, and a verdict is given in part.
func TestFar(t *testing.T) {
	if testing.Short() {
		t.Skip("it is a whole run in a process of its own, which the race detector sees elsewhere")
	}
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("networks are made by root alone")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") != "" {
			t.Fatal("there is no ip: the Debian package iproute2 has it")
		}
		t.Skip("there is no ip")
	}
	ip := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(realtime.Bounded(t), "ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	id := os.Getpid()
	space, here, there := fmt.Sprintf("streamspec-%d", id), fmt.Sprintf("ssh%d", id), fmt.Sprintf("sst%d", id)
	near, far := fmt.Sprintf("10.213.%d.1", id%250), fmt.Sprintf("10.213.%d.2", id%250)
	ip("netns", "add", space)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", space).Run() }) // with its end of the link, and so the other
	ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", space)
	ip("address", "add", near+"/30", "dev", here)
	ip("link", "set", here, "up")
	for _, args := range [][]string{{"address", "add", far + "/30", "dev", there}, {"link", "set", there, "up"}, {"link", "set", "lo", "up"}} {
		ip(append([]string{"-n", space}, args...)...)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inside := func(env string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(realtime.Bounded(t), "ip", append([]string{"netns", "exec", space}, args...)...)
		cmd.Env = append(os.Environ(), env)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	inside("", program, "serve", "--dialect", "line", "--addr", "127.0.0.1:7000")
	inside(fmt.Sprintf("%s=%s:7001 127.0.0.1:7000 25ms", relayEnv, far), self)
	o := call(t, "run", far+":7001", "--wait-for", "30s", "--dialect", "line", "--only", "LIFE-1,LIFE-2,CONC-2,FRAM-1..7,LINE-1,CLOS")
	if o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "conformant: ") || !strings.Contains(o.stdout, "in part: ") || !strings.Contains(o.stdout, "the cuts could not be confirmed") {
		t.Errorf("status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
}
