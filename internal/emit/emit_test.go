package emit_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/plan"
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
	first.Await = true
	r := lines("one\ntwo\n", "one\ntwo\n", delivery.CutAt(6))
	r.Plan.Clients[0].Requests = []plan.Request{first, plan.Of("two\n")}
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
	for name, r := range map[string]emit.Reproduction{"cut": cutLine(), "long": longLine(), "conversation": conversation(), "abort": abort()} {
		for _, f := range forms {
			if f.name == "nc" && (name == "conversation" || name == "abort") {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				command, dir, env := f.program(t, emitted(t, f, r))
				if f.name == "nc" {
					env = farAway(t)
				}
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
					status, out := play(t.Context(), dir, append(env, "ADDR="+server.address), command...)
					for range 4 { // a program cannot see whether its cuts were real: it says to run it again
						if server.want != wrong || status == f.status[wrong] {
							break
						}
						status, out = play(t.Context(), dir, append(env, "ADDR="+server.address), command...)
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
			if f.name == "go" {
				command, env = []string{tool(t, "go"), "test", "-count=1", "repro_test.go", "-args"}, goEnv
			}
			if status, out := play(t.Context(), dir, append(env, "ADDR="+bad), append(slices.Clone(command), good)...); status != 0 {
				t.Errorf("exits %d on a right server:\n%s", status, out)
			}
			for try := range 5 { // its cuts may not be real
				status, out := play(t.Context(), dir, append(env, "ADDR="+good), append(slices.Clone(command), bad)...)
				if status == 1 && strings.Contains(out, "differ from byte ") {
					break
				}
				if try == 4 {
					t.Errorf("exits %d on a faulty server:\n%s", status, out)
				}
			}
			r := cutLine()
			r.Address = good
			command, dir, env = f.program(t, emitted(t, f, r))
			if status, out := play(t.Context(), dir, append(env, "ADDR="), command...); status != 0 {
				t.Errorf("exits %d on its default address:\n%s", status, out)
			}
		})
	}
}

// TestNetcat runs the shell form with the nc of this machine.
func TestNetcat(t *testing.T) {
	sh := tool(t, "sh")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "repro.sh"), emitted(t, forms[2], cutLine()))
	write(t, filepath.Join(dir, "long.sh"), emitted(t, forms[2], longLine()))
	if !openBSD() {
		if status, out := play(t.Context(), dir, nil, sh, "repro.sh", serve(t, "line", "")); status != 2 || !strings.Contains(out, "netcat-openbsd") {
			t.Errorf("exits %d without OpenBSD's nc:\n%s", status, out)
		}
		missing(t, "OpenBSD's nc")
	}
	for _, script := range []string{"repro.sh", "long.sh"} {
		for address, want := range map[string]int{serve(t, "line", ""): 0, serve(t, "line", "read-is-message"): 1, nobody: 2} {
			if status, out := play(t.Context(), dir, nil, sh, script, address); status != want {
				t.Errorf("%s exits %d and not %d:\n%s", script, status, want, out)
			}
		}
	}
}

// TestShells runs the shell form with other shells, where there are some.
func TestShells(t *testing.T) {
	f := forms[2]
	for _, shell := range [][]string{{"dash"}, {"bash"}, {"busybox", "sh"}, {"mksh"}, {"zsh", "--emulate", "sh"}} {
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			if status, out := play(t.Context(), "", nil, append(slices.Clone(shell), "-c", ":")...); status != 0 {
				t.Skip(out)
			}
			command, dir, env := f.program(t, emitted(t, f, longLine()))
			command = append(slices.Clone(shell), command[1:]...)
			for address, want := range map[string]int{serve(t, "line", ""): 0, serve(t, "line", "read-is-message"): 1, nobody: 2} {
				status, out := play(t.Context(), dir, env, append(slices.Clone(command), address)...)
				for try := 0; try < 4 && want == 1 && status == 0; try++ { // its cuts may not be real
					status, out = play(t.Context(), dir, env, append(slices.Clone(command), address)...)
				}
				if status != want {
					t.Errorf("exits %d and not %d:\n%s", status, want, out)
				}
			}
		})
	}
}

// TestJudging holds the programs to what is right for all that a server can do.
func TestJudging(t *testing.T) {
	const answer = "hello\nbye\n"
	servers := []struct {
		name   string
		answer func(c *net.TCPConn)
		wrong  map[string]bool // by what is expected
		stays  bool            // the server keeps the connection until the program has ended
	}{
		{"right", func(c *net.TCPConn) { io.WriteString(c, answer) }, nil, false},
		{"other", func(c *net.TCPConn) { io.WriteString(c, "hello\n500 other\n") }, nil, false},
		{"slow", func(c *net.TCPConn) {
			io.WriteString(c, answer[:7])
			time.Sleep(time.Second)
			io.WriteString(c, answer[7:])
		}, nil, false},
		{"stays", func(c *net.TCPConn) { io.WriteString(c, answer) }, map[string]bool{"to end": true, "prefix to end": true}, true},
		{"short", func(c *net.TCPConn) { io.WriteString(c, answer[:7]) }, map[string]bool{"plain": true, "to end": true}, false},
		{"short, stays", func(c *net.TCPConn) { io.WriteString(c, answer[:7]) }, map[string]bool{"plain": true, "to end": true, "prefix to end": true}, true},
		{"silent", func(*net.TCPConn) {}, map[string]bool{"plain": true, "to end": true, "prefix to end": true}, true},
		{"surplus", func(c *net.TCPConn) {
			io.WriteString(c, answer)
			time.Sleep(150 * time.Millisecond)
			io.WriteString(c, "x")
		}, everything, true},
		{"wrong", func(c *net.TCPConn) { io.WriteString(c, "hellO\nbye\n") }, everything, false},
		{"flood", func(c *net.TCPConn) {
			for b := bytes.Repeat([]byte(answer), 10_000); ; {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		}, everything, false},
	}
	places := make(chan struct{}, 12) // they wait, mostly, but they start too, and other tests run beside them
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var all sync.WaitGroup
			defer all.Wait()
			for _, expect := range []string{"plain", "to end", "prefix", "prefix to end"} {
				r := lines("hello\nbye\n", answer, delivery.CutAt(3).WithEnd(delivery.HalfClose))
				r.Clients[0].Answers = append(r.Clients[0].Answers, []byte("hello\n500 other\n"))
				r.Clients[0].ToEnd, r.Clients[0].Prefix = strings.HasSuffix(expect, "to end"), strings.HasPrefix(expect, "prefix")
				command, dir, env := f.program(t, emitted(t, f, r))
				for _, server := range servers {
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
						status, out := play(t.Context(), dir, append(slices.Clone(env), "ADDR="+address), command...)
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
	const answer = "hello\n"
	for expect, want := range map[string]int{"plain": 0, "to end": 1, "prefix to end": 0} {
		r := lines("hello\n", answer, delivery.Whole())
		r.Clients[0].ToEnd, r.Clients[0].Prefix = strings.HasSuffix(expect, "to end"), strings.HasPrefix(expect, "prefix")
		for _, f := range forms[:2] {
			t.Run(expect+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				command, dir, env := f.program(t, emitted(t, f, r))
				address := listen(t, func(c *net.TCPConn) {
					io.ReadFull(c, make([]byte, len(answer)))
					io.WriteString(c, answer)
					time.Sleep(100 * time.Millisecond)
					c.SetLinger(0)
				})
				if status, out := play(t.Context(), dir, append(env, "ADDR="+address), command...); status != want {
					t.Errorf("exits %d and not %d:\n%s", status, want, out)
				}
			})
		}
	}
}

// TestSleeps holds the programs to the pauses of a plan, and to 50 ms at the other cuts.
func TestSleeps(t *testing.T) {
	const request = "every byte of a line\n"
	d := delivery.EveryByte(len(request)).WithEnd(delivery.HalfClose)
	d.Cuts[3].Pause = time.Second
	const least = time.Second + time.Duration(len(request)-1)*50*time.Millisecond
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			command, dir, env := f.program(t, emitted(t, f, lines(request, request, d)))
			start := time.Now()
			status, out := play(t.Context(), dir, append(env, "ADDR="+serve(t, "line", "")), command...)
			if took := time.Since(start); status != 0 || took < least {
				t.Errorf("exits %d after %s, where the sleeps alone take %s:\n%s", status, took, least, out)
			}
		})
	}
}

// TestSideBySide lets two clients wait for each other, which they can only where they act side by side.
func TestSideBySide(t *testing.T) {
	r := lines("a", "ab", delivery.Whole())
	r.Plan.Clients = append(r.Plan.Clients, plan.Client{Requests: []plan.Request{plan.Of("b")}})
	r.Clients[0].Answers = [][]byte{[]byte("both")}
	r.Clients = append(r.Clients, emit.Expected{Request: []byte("b"), Answers: r.Clients[0].Answers})
	for _, f := range forms[:2] {
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
			if status, out := play(t.Context(), dir, append(env, "ADDR="+address), command...); status != 0 {
				t.Errorf("exits %d:\n%s", status, out)
			}
		})
	}
}

// TestOneAfterAnother has a client that begins when the one before it is done.
func TestOneAfterAnother(t *testing.T) {
	r := lines("a", "1", delivery.Whole())
	r.Plan.Clients = append(r.Plan.Clients, plan.Client{Requests: []plan.Request{plan.Of("b")}, Then: true})
	r.Clients = append(r.Clients, emit.Expected{Request: []byte("b"), Answers: r.Clients[0].Answers, ToEnd: true})
	for _, f := range forms[:2] {
		t.Run(f.name, func(t *testing.T) {
			var open atomic.Int64
			address := listen(t, func(c *net.TCPConn) {
				n := open.Add(1)
				defer open.Add(-1)
				io.ReadFull(c, make([]byte, 1))
				fmt.Fprint(c, n)
			})
			command, dir, env := f.program(t, emitted(t, f, r))
			if status, out := play(t.Context(), dir, append(env, "ADDR="+address), command...); status != 0 {
				t.Errorf("exits %d:\n%s", status, out)
			}
		})
	}
}

// TestLong looks at how long runs of bytes are written.
func TestLong(t *testing.T) {
	for _, f := range forms {
		text := emitted(t, f, longLine())
		if n := 50_000; len(text) > n*4/3*77/76+16<<10 {
			t.Errorf("%s: %d bytes for a line of %d that is sent and comes back", f.name, len(text), n)
		}
		for line := range strings.Lines(string(text)) {
			if len(line) > 400 {
				t.Errorf("%s: a line of %d bytes", f.name, len(line))
			}
		}
	}
	// An answer that many awaits show the beginnings of is written once.
	r := lines("", "", delivery.Whole())
	var requests []plan.Request
	e := emit.Expected{}
	for i := range 500 {
		line := fmt.Sprintf("line %d\n", i)
		requests = append(requests, plan.Of(line))
		e.Request = append(e.Request, line...)
		e.Awaits = append(e.Awaits, emit.Await{At: len(e.Request), Answer: bytes.Clone(e.Request)})
	}
	e.Answers = [][]byte{e.Request}
	r.Plan.Clients[0].Requests, r.Clients[0] = requests, e
	for _, f := range forms[:2] {
		if text := emitted(t, f, r); len(text) > 100<<10 {
			t.Errorf("%s: %d bytes for 500 awaits", f.name, len(text))
		}
	}
}

// TestRefused looks at the errors.
func TestRefused(t *testing.T) {
	change := func(r emit.Reproduction, f func(r *emit.Reproduction)) emit.Reproduction {
		f(&r)
		return r
	}
	big := lines("", "", delivery.Whole().WithEnd(delivery.HalfClose))
	piece := plan.Piece{Size: emit.MaxBytes + 1, Seed: 1}
	big.Plan.Clients[0].Requests = []plan.Request{{Pieces: []plan.Piece{piece}}}
	big.Clients[0].Request, big.Clients[0].Answers = piece.Bytes(), [][]byte{piece.Bytes()}
	long := strings.Repeat("x", 6100)
	for _, c := range []struct {
		r    emit.Reproduction
		nc   bool // only nc refuses it
		want string
	}{
		{conversation(), true, "nc is one client"},
		{abort(), true, "nc cannot reset"},
		{lines("a\n", "a\n", delivery.Whole()), true, "nc cannot leave the stream open"},
		{change(lines("a\n", "a\n", delivery.Whole().WithEnd(delivery.HalfClose)), func(r *emit.Reproduction) {
			r.Clients[0].Awaits = []emit.Await{{At: 1, Answer: []byte("a")}}
		}), true, "nc cannot wait"},
		{big, false, "1048577 bytes"},
		{lines(long, long, delivery.EveryByte(len(long)).WithEnd(delivery.HalfClose)), false, "would sleep"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Clients = nil }), false, "known of 0"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Clients[0].Request = []byte("caf\xc3\xa9\r\nsecone\n") }), false, "not what the plan sends"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Clients[0].Answers = nil }), false, "no answer is right"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Plan.Clients[0].Cuts[0].At = 99 }), false, "cut 1"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Address = "7000" }), false, "host:port"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Address = "-e:7000" }), false, "host:port"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Address = "a b\n:7000" }), false, "host:port"},
		{change(conversation(), func(r *emit.Reproduction) { r.Clients[0].Awaits[0].At = 99 }), false, "await after byte 99"},
	} {
		for _, f := range forms {
			if f.name == "nc" && len(c.r.Clients) > 1 && !c.nc {
				continue
			}
			var b bytes.Buffer
			err := f.write(&b, c.r)
			if c.nc && f.name != "nc" {
				if err != nil {
					t.Errorf("%s refuses: %v", f.name, err)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: the error is %v, and not %q", f.name, err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("%s writes %d bytes and refuses", f.name, b.Len())
			}
		}
	}
}

// TestFormats looks at the names of the forms.
func TestFormats(t *testing.T) {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	if !slices.Equal(emit.Formats(), names) {
		t.Errorf("%q", emit.Formats())
	}
}
