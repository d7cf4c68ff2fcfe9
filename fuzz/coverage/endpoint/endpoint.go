// Package endpoint lets a server written in Go tell a fuzzer which of its code was reached. One line in main is enough,
// before the server listens:
//
//	if err := endpoint.Serve(); err != nil {
//		log.Print(err)
//	}
//
// The server is built with
//
//	go build -cover -covermode=atomic
//
// and perhaps -coverpkg, which says whose code is counted, and must take in the main package: without it nothing is. The
// fuzzer starts it with the environment variable STREAMSPEC_COVERAGE, which names a unix socket to listen on, or a port
// such as 127.0.0.1:7008 where there are none. Without the variable the line does nothing. The package imports the standard
// library alone.
//
// Over the socket, the client writes the line "take", and gets the line "counters N" and N bytes, which are what
// [runtime/coverage.WriteCounters] writes; the counters are then 0 again. What is counted between the two is lost, so a
// client asks while the server has nothing to do. Where there are no counters the answer is "error N", and N bytes of
// text that say why.
package endpoint

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime/coverage"
	"strconv"
	"sync"
	"time"
)

// Variable is the environment variable that names the socket.
const Variable = "STREAMSPEC_COVERAGE"

const (
	lineBound  = 16               // of a request, in bytes
	writeBound = 10 * time.Second // for the client to take an answer
	retryDelay = 100 * time.Millisecond
)

// Serve begins to answer on the socket that the environment variable names, and returns at once; without the variable it
// does nothing. The error says what to do: the socket cannot be listened on, or the server was not built to count what
// its code does. In the second case the socket is served, and clients are told the same. Serve is for main, not for an
// init function, which may run before the counters can be read.
func Serve() error {
	where := os.Getenv(Variable)
	if where == "" {
		return nil
	}
	l, err := listen(where)
	if err != nil {
		return fmt.Errorf("coverage: cannot listen on %s, which %s names: %w", where, Variable, err)
	}
	go accept(l)
	return counters(io.Discard)
}

// counters writes the counters to w.
func counters(w io.Writer) error {
	if err := coverage.WriteCounters(w); err != nil {
		return fmt.Errorf("coverage: there are no counters to give: build the server with go build -cover -covermode=atomic, let -coverpkg, where it is given, take in the main package, and call endpoint.Serve in main (%w)", err)
	}
	return nil
}

// listen opens a unix socket, or a loopback port.
func listen(where string) (net.Listener, error) {
	if host, port, err := net.SplitHostPort(where); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
				return nil, errors.New("a port must be one of the loopback interface, such as 127.0.0.1:7008")
			}
			return net.Listen("tcp", where)
		}
	}
	unlinkStale(where)
	l, err := net.Listen("unix", where)
	if err == nil {
		_ = os.Chmod(where, 0o600)
	}
	return l, err
}

// unlinkStale removes the socket that a server left behind when it was killed.
func unlinkStale(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = conn.Close() // another server answers there
		return
	}
	_ = os.Remove(path)
}

func accept(l net.Listener) {
	var taking sync.Mutex
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			go serve(conn, &taking)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(retryDelay) // such as for a file descriptor
		}
	}
}

// serve answers one client until it leaves, or sends what is no request.
func serve(conn net.Conn, taking *sync.Mutex) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, lineBound)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		known := string(line) == "take\n"
		answer := failure(errors.New("the request is take, on a line of its own"))
		if known {
			answer = take(taking)
		}
		_ = conn.SetWriteDeadline(time.Now().Add(writeBound))
		if _, err := conn.Write(answer); err != nil || !known {
			return
		}
	}
}

// take reads the counters and clears them.
func take(taking *sync.Mutex) []byte {
	taking.Lock()
	defer taking.Unlock()
	var b bytes.Buffer
	if err := counters(&b); err != nil {
		return failure(err)
	}
	if err := coverage.ClearCounters(); err != nil {
		return failure(err)
	}
	return frame("counters", b.Bytes())
}

func failure(err error) []byte { return frame("error", []byte(err.Error())) }

// frame is an answer: a line that says what comes and how long it is, and that.
func frame(word string, body []byte) []byte {
	return append(fmt.Appendf(nil, "%s %d\n", word, len(body)), body...)
}
