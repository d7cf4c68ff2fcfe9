package emit_test

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/realtime"
)

// cutLine is a line that is cut before a character and inside of it.
func cutLine() emit.Reproduction {
	return lines("caf\xc3\xa9\r\nsecond\n", "caf\xc3\xa9\nsecond\n", delivery.CutAt(3, 4).WithEnd(delivery.HalfClose))
}

// longLine is a line that is drawn from a seed, cut twice, of which the answer lacks the space behind it.
func longLine() emit.Reproduction {
	request := plan.Request{Pieces: []plan.Piece{plan.Text("<"), {Size: 50_000, Seed: 7}, plan.Text("> \n")}}
	r := lines("", "", delivery.CutAt(1, 30_000).WithEnd(delivery.HalfCloseWithData))
	r.Plan.Clients[0].Requests = []plan.Request{request}
	all := request.Bytes()
	r.Clients[0].Request = all
	r.Clients[0].Answers = [][]byte{append(bytes.Clone(bytes.TrimRight(all, " \n")), '\n')}
	return r
}

// conversation is two clients, of which the first waits before it goes on, and leaves its side open.
func conversation() emit.Reproduction {
	first := plan.Of("one\n")
	r := lines("one\ntwo\n", "one\ntwo\n", delivery.CutAt(6))
	r.Plan.Clients[0].Requests, r.Plan.Clients[0].Awaits = []plan.Request{first, plan.Of("two\n")}, []int{4}
	r.Clients[0].ToEnd = false
	r.Clients[0].Awaits = []emit.Await{{At: 4, Answer: []byte("one\n")}}
	other := cutLine()
	r.Plan.Clients = append(r.Plan.Clients, other.Plan.Clients...)
	r.Clients = append(r.Clients, other.Clients...)
	return r
}

// abort is a client that waits for its answer and resets the connection.
func abort() emit.Reproduction {
	r := lines("one\ntwo", "", delivery.CutAt(5).WithEnd(delivery.Reset))
	r.Clients[0] = emit.Expected{Request: r.Clients[0].Request, Awaits: []emit.Await{{At: 4, Answer: []byte("one\n")}}}
	return r
}

// TestPrograms runs each form of some reproductions against a right server, a faulty one, and none.
func TestPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	for name, r := range map[string]emit.Reproduction{"cut": cutLine(), "long": longLine(), "conversation": conversation(), "abort": abort()} {
		for _, f := range forms {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				command, dir, env := f.program(t, emitted(t, f, r))
				for _, server := range []struct {
					address string
					want    outcome
				}{
					{serve(t, "line", ""), right},
					{serve(t, "line", "read-is-message"), wrong},
					{nobody, unreached},
				} {
					if name == "abort" && server.want == wrong {
						server.address = listenOnce(t)
					}
					status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+server.address), command...)
					for range 4 { // a program cannot see whether its cuts were real: it says to run it again
						if server.want != wrong || status == f.status[wrong] {
							break
						}
						status, out = play(realtime.Bounded(t), dir, append(env, "ADDR="+server.address), command...)
					}
					if status != f.status[server.want] {
						t.Errorf("exits %d where the server is %s:\n%s", status, server.want, out)
					}
					if evidence := strings.Contains(out, "expected: "); evidence != (server.want == wrong && name != "abort") {
						t.Errorf("shows the answers where the server is %s: %v\n%s", server.want, evidence, out)
					}
					if server.want == wrong && !strings.Contains(out, r.Title) {
						t.Errorf("does not say the problem:\n%s", out)
					}
					if len(out) > 10<<10 {
						t.Errorf("prints %d bytes", len(out))
					}
				}
			})
		}
	}
}

// listenOnce answers one line of one connection and takes no other.
func listenOnce(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		l.Close()
		if err == nil {
			io.ReadFull(c, make([]byte, 4))
			io.WriteString(c, "one\n")
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	return l.Addr().String()
}

// TestArgument gives the address as an argument, as the comments in the programs say, which comes before ADDR.
func TestArgument(t *testing.T) {
	good, bad := serve(t, "line", ""), serve(t, "line", "read-is-message")
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			source := emitted(t, f, cutLine())
			command, dir, env := f.program(t, source)
			if status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+bad), append(slices.Clone(command), good)...); status != 0 {
				t.Errorf("exits %d on a right server:\n%s", status, out)
			}
			for try := range 5 { // its cuts may not be real
				status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+good), append(slices.Clone(command), bad)...)
				if status == 1 && strings.Contains(out, "differ from byte ") {
					break
				}
				if try == 4 {
					t.Errorf("exits %d on a faulty server:\n%s", status, out)
				}
			}
			command, dir, env = f.program(t, emitted(t, f, hereLine()))
			if status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="), command...); status != 0 {
				t.Errorf("exits %d on its default address:\n%s", status, out)
			}
		})
	}
	// The comments in a Go program say how the go command runs it.
	dir := t.TempDir()
	write(t, filepath.Join(dir, "repro_test.go"), emitted(t, forms[0], cutLine()))
	run(t, dir, append(goEnv, "ADDR="+bad), tool(t, "go"), "test", "-count=1", "repro_test.go", "-args", good)
}

// hereLine is cutLine, whose default address is a right server's.
var hereLine = sync.OnceValue(func() emit.Reproduction {
	r := cutLine()
	r.Address = started("line")
	return r
})

// expectations are the kinds of what may come.
var expectations = []string{"plain", "to end", "prefix", "prefix to end"}

// expecting is the reproduction with what may come.
func expecting(expect string, r emit.Reproduction) emit.Reproduction {
	r.Clients[0].ToEnd, r.Clients[0].Prefix = strings.HasSuffix(expect, "to end"), strings.HasPrefix(expect, "prefix")
	return r
}

const judgedTitle = "One of two answers is right."

// judged is two lines, to which two answers are right.
func judged(expect string) emit.Reproduction {
	r := lines("hello\nbye\n", "hello\nbye\n", delivery.CutAt(3).WithEnd(delivery.HalfClose))
	r.Title, r.Clients[0].Answers = judgedTitle, append(r.Clients[0].Answers, []byte("hello\n500 other\n"))
	return expecting(expect, r)
}

// reset is one line, behind which the client leaves its side open.
func reset(expect string) emit.Reproduction {
	return expecting(expect, lines("hello\n", "hello\n", delivery.Whole()))
}

// TestJudging holds the programs to what is right for all that a server can do.
func TestJudging(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	const answer = "hello\nbye\n"
	servers := []struct {
		name   string
		answer func(c *net.TCPConn)
		wrong  map[string]bool // by what is expected
		stays  bool            // the server keeps the connection until the program has ended
		ends   bool            // the program ends by what the server does, and not because it waits no longer
	}{
		{"right", func(c *net.TCPConn) { io.WriteString(c, answer) }, nil, false, true},
		{"other", func(c *net.TCPConn) { io.WriteString(c, "hello\n500 other\n") }, nil, false, true},
		{"slow", func(c *net.TCPConn) {
			io.WriteString(c, answer[:7])
			time.Sleep(time.Second)
			io.WriteString(c, answer[7:])
		}, nil, false, true},
		{"stays", func(c *net.TCPConn) { io.WriteString(c, answer) }, map[string]bool{"to end": true, "prefix to end": true}, true, false},
		{"short", func(c *net.TCPConn) { io.WriteString(c, answer[:7]) }, map[string]bool{"plain": true, "to end": true}, false, true},
		{"short, stays", func(c *net.TCPConn) { io.WriteString(c, answer[:7]) }, map[string]bool{"plain": true, "to end": true, "prefix to end": true}, true, false},
		{"silent", func(*net.TCPConn) {}, map[string]bool{"plain": true, "to end": true, "prefix to end": true}, true, false},
		{"surplus", func(c *net.TCPConn) {
			io.WriteString(c, answer)
			time.Sleep(150 * time.Millisecond)
			io.WriteString(c, "x")
		}, everything, true, true},
		{"wrong", func(c *net.TCPConn) { io.WriteString(c, "hellO\nbye\n") }, everything, false, true},
		{"flood", func(c *net.TCPConn) {
			for b := bytes.Repeat([]byte(answer), 10_000); ; {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		}, everything, false, true},
	}
	places := make(chan struct{}, 12) // they wait, mostly, but they start too, and other tests run beside them
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var all sync.WaitGroup
			defer all.Wait()
			for _, expect := range expectations {
				source := emitted(t, f, judged(expect))
				for _, server := range servers {
					own := source
					if server.ends {
						own = patient(source)
					}
					command, dir, env := f.program(t, own)
					ended := make(chan struct{})
					address := listen(t, func(c *net.TCPConn) {
						io.ReadFull(c, make([]byte, len(answer)))
						if server.answer(c); server.stays {
							<-ended
						}
					})
					want := 0
					if server.wrong[expect] {
						want = 1
					}
					all.Go(func() {
						defer close(ended)
						places <- struct{}{}
						defer func() { <-places }()
						status, out := play(realtime.Bounded(t), dir, append(slices.Clone(env), "ADDR="+address), command...)
						if status != want || want == 1 && !strings.Contains(out, "expected: \"hello") && !strings.Contains(out, "expected: b'hello") {
							t.Errorf("%s, server %s: exits %d and not %d:\n%s", expect, server.name, status, want, out)
						}
					})
				}
			}
		})
	}
}

var everything = map[string]bool{"plain": true, "to end": true, "prefix": true, "prefix to end": true}

// TestReset shows how a connection that the server resets is judged by the forms that see it.
func TestReset(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	const answer = "hello\n"
	for expect, want := range map[string]int{"plain": 0, "to end": 1, "prefix to end": 0} {
		for _, f := range forms {
			t.Run(expect+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				command, dir, env := f.program(t, emitted(t, f, reset(expect)))
				address := listen(t, func(c *net.TCPConn) {
					io.ReadFull(c, make([]byte, len(answer)))
					io.WriteString(c, answer)
					taken(t, c, len(answer)) // a reset takes back what was not read
					c.SetLinger(0)
				})
				if status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+address), command...); status != want {
					t.Errorf("exits %d and not %d:\n%s", status, want, out)
				}
			})
		}
	}
}

// everyByte is a line that is sent byte by byte, with one longer pause.
func everyByte() emit.Reproduction {
	const request = "every byte of a line\n"
	d := delivery.EveryByte(len(request)).WithEnd(delivery.HalfClose)
	d.Cuts[3].Pause = time.Second
	return lines(request, request, d)
}

// TestSleeps holds the programs to the pauses of a plan, and to 50 ms at the other cuts.
func TestSleeps(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	r := everyByte()
	least := time.Second + time.Duration(len(r.Plan.Clients[0].Cuts))*50*time.Millisecond
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			command, dir, env := f.program(t, emitted(t, f, r))
			start := time.Now()
			status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+serve(t, "line", "")), command...)
			if took := time.Since(start); status != 0 || took < least {
				t.Errorf("exits %d after %s, where the sleeps alone take %s:\n%s", status, took, least, out)
			}
		})
	}
}

// sideBySide is two clients that act side by side.
func sideBySide() emit.Reproduction {
	r := lines("a", "ab", delivery.Whole())
	r.Plan.Clients = append(r.Plan.Clients, plan.Client{Requests: []plan.Request{plan.Of("b")}})
	r.Clients[0].Answers = [][]byte{[]byte("both")}
	r.Clients = append(r.Clients, emit.Expected{Request: []byte("b"), Answers: r.Clients[0].Answers})
	return r
}

// TestSideBySide lets two clients wait for each other, which they can only where they act side by side.
func TestSideBySide(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	r := sideBySide()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			var both sync.WaitGroup
			both.Add(2)
			address := listen(t, func(c *net.TCPConn) {
				io.ReadFull(c, make([]byte, 1))
				both.Done()
				both.Wait()
				io.WriteString(c, "both")
			})
			command, dir, env := f.program(t, emitted(t, f, r))
			if status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+address), command...); status != 0 {
				t.Errorf("exits %d:\n%s", status, out)
			}
		})
	}
}

// oneAfterAnother is two clients, of which the second begins when the first is done.
func oneAfterAnother() emit.Reproduction {
	r := lines("a", "1", delivery.Whole())
	r.Plan.Clients = append(r.Plan.Clients, plan.Client{Requests: []plan.Request{plan.Of("b")}, Then: true})
	r.Clients = append(r.Clients, emit.Expected{Request: []byte("b"), Answers: r.Clients[0].Answers, ToEnd: true})
	return r
}
