package emit_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets this program stand in for OpenBSD's nc where it is called so.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); name == "nc" || name == "nc.openbsd" {
		os.Exit(netcat(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// netcat does what the shell form needs of OpenBSD's nc: -N, -v, -z and -h. It takes its time before it connects, as another
// machine is far away.
func netcat(args []string) int {
	flags := map[string]bool{}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flags[args[0]] = true
		args = args[1:]
	}
	if flags["-h"] {
		fmt.Fprint(os.Stderr, "usage: nc [-hNz] [destination] [port]\n\t\t-N\t\tShutdown the network socket after EOF on stdin\n")
		return 1
	}
	if len(args) != 2 {
		return 1
	}
	time.Sleep(300 * time.Millisecond)
	conn, err := net.Dial("tcp", net.JoinHostPort(args[0], args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer conn.Close()
	if flags["-v"] {
		fmt.Fprintf(os.Stderr, "Connection to %s %s port [tcp/*] succeeded!\n", args[0], args[1])
	}
	if flags["-z"] {
		return 0
	}
	go func() {
		b := make([]byte, 16<<10)
		if _, err := io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{os.Stdin}, b); err == nil && flags["-N"] {
			conn.(*net.TCPConn).CloseWrite()
		}
	}()
	io.Copy(os.Stdout, conn)
	return 0
}

// farAway is the environment in which a script finds this program where it looks for nc.
func farAway(t *testing.T) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"nc", "nc.openbsd"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	return []string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}
}
