package delivery

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// roleEnv makes the test binary play another part than that of the tests: see roles.
const roleEnv = "STREAMSPEC_DELIVERY_ROLE"

// roles are the parts that this binary plays for its tests in processes of their own.
var roles = map[string]func(){
	"log":  func() { serveLog(0) },
	"slow": func() { serveLog(8 * time.Millisecond) },
	"burn": burn,
}

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		go func() { // ends with the process that started it, however that ended
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
		roles[role]()
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// start runs the role in a process of its own until the test ends, and returns the first line that it prints.
func start(tb testing.TB, role string) string {
	tb.Helper()
	return nextLine(tb, launch(tb, role))
}

// nextLine returns the next line that a process prints.
func nextLine(tb testing.TB, out *bufio.Reader) string {
	tb.Helper()
	line, err := out.ReadString('\n')
	if err != nil {
		tb.Fatalf("the process said %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}

// launch runs the role in a process of its own until the test ends, and returns what it prints.
func launch(tb testing.TB, role string) *bufio.Reader {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), roleEnv+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return bufio.NewReader(out)
}

// load keeps four busy loops running in processes of their own until the test ends.
func load(tb testing.TB) {
	for range 4 {
		start(tb, "burn")
	}
}

// burn keeps one processor busy.
func burn() {
	runtime.GOMAXPROCS(1)
	fmt.Println("burning")
	for i := 0; ; i++ {
		if i < 0 {
			break
		}
	}
}

// serveLog serves logReads on a loopback port, and prints its address.
func serveLog(work time.Duration) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	for {
		nc, err := l.Accept()
		if err != nil {
			os.Exit(1)
		}
		go func() {
			defer nc.Close()
			logReads(nc, work)
		}()
	}
}

// logReads reads to the end of the stream, working so long after each read, and answers with where the reads ended: the
// offsets as 32-bit numbers, big-endian.
func logReads(nc net.Conn, work time.Duration) {
	var log []byte
	buffer := make([]byte, 64<<10)
	total := 0
	for {
		n, err := nc.Read(buffer)
		total += n
		if n > 0 {
			log = binary.BigEndian.AppendUint32(log, uint32(total))
		}
		if err != nil {
			break
		}
		if work > 0 {
			time.Sleep(work)
		}
	}
	_, _ = nc.Write(log)
}

// readEnds ends the stream, and returns the set of offsets at which the reads of a logging server ended.
func readEnds(tb testing.TB, c *Conn) map[int]bool {
	tb.Helper()
	if err := c.HalfClose(); err != nil {
		tb.Fatal(err)
	}
	a := c.Receive(tb.Context(), patiently(Want{Keep: 64 << 20}))
	if a.Ending != FIN {
		tb.Fatalf("the logging server ended with %q: %+v", a.Ending, a.Err)
	}
	ends := map[int]bool{}
	for log := a.Head; len(log) >= 4; log = log[4:] {
		ends[int(binary.BigEndian.Uint32(log))] = true
	}
	return ends
}

// serve listens on a loopback port and hands each connection to handle, in a goroutine of its own; handle closes it. It
// returns the address. When the test ends, so do the listening and the connections.
func serve(tb testing.TB, handle func(nc *net.TCPConn)) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	serveOn(tb, l, handle)
	return l.Addr().String()
}

// serveOn is serve on a listener.
func serveOn(tb testing.TB, l net.Listener, handle func(nc *net.TCPConn)) {
	done := make(chan struct{})
	var conns []net.Conn
	var handlers []chan struct{}
	go func() {
		defer close(done)
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			ended := make(chan struct{})
			conns, handlers = append(conns, nc), append(handlers, ended)
			go func() {
				defer close(ended)
				handle(nc.(*net.TCPConn))
			}()
		}
	}()
	tb.Cleanup(func() {
		l.Close()
		<-done
		for i, nc := range conns {
			nc.Close()
			<-handlers[i]
		}
	})
}

// hang is how long the tests over real connections wait for what comes in no time. It makes a failure of what never comes; no
// test passes or fails by what takes less.
const hang = time.Minute

// dial connects to addr until the test ends. The waits that o leaves at 0 are those for what never comes.
func dial(tb testing.TB, addr string, o Options) *Conn {
	tb.Helper()
	o.Timeout, o.ConfirmCap, o.Stall = cmp.Or(o.Timeout, hang), cmp.Or(o.ConfirmCap, hang), cmp.Or(o.Stall, hang)
	c, err := Dial(tb.Context(), addr, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// patiently returns w with the waits for what never comes.
func patiently(w Want) Want {
	w.Idle, w.Total = hang, hang
	return w
}

// eventually waits until what holds does, looking each millisecond; it fails the test where that never comes.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for ctx := realtime.Bounded(tb); !holds(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			tb.Fatalf("it never came to this: %s", what)
		}
	}
}

// pattern returns n bytes that differ from their neighbours, near and far.
func pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(n) | 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// echo sends back what it receives, and closes after the end of the stream.
func echo(nc *net.TCPConn) {
	defer nc.Close()
	_, _ = io.Copy(struct{ io.Writer }{nc}, struct{ io.Reader }{nc})
}

// cause returns the number of bytes sent and the cause of a play error; it fails the test when err is something else.
func cause(tb testing.TB, err error) (int, error) {
	tb.Helper()
	var pe *PlayError
	if !errors.As(err, &pe) {
		tb.Fatalf("not a play error: %v", err)
	}
	return pe.Sent, pe.Err
}

// kinds returns the kinds of the events, in order and apart by a space.
func kinds(events []timeline.Event) string {
	var b bytes.Buffer
	for i, e := range events {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(e.Kind))
	}
	return b.String()
}
