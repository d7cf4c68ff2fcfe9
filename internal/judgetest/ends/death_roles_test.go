package ends

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// trace is what a program prints that ends of an error that nobody caught.
const trace = `/srv/frames.js:35
        need = chunk.readUInt32BE(0);
                     ^

RangeError [ERR_BUFFER_OUT_OF_BOUNDS]: Attempt to access memory outside buffer bounds
    at boundsError (node:internal/buffer:86:11)
    at Socket.<anonymous> (/srv/frames.js:35:22) {
  code: 'ERR_BUFFER_OUT_OF_BOUNDS'
}

Node.js v20.20.2`

// ends are how a server may end.
var ends = map[string]func(){
	"by-status": func() {
		fmt.Fprintln(os.Stderr, "a line that was logged before")
		fmt.Fprintln(os.Stderr, trace)
		os.Exit(3)
	},
	"by-signal": func() {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	},
	"by-panic": func() {
		debug.SetTraceback("all")
		for range 300 {
			go func() { select {} }()
		}
		go func() { panic("no \u202eheader") }()
		select {}
	},
}

// mortals are line servers that end of one thing, and answer all else rightly. Each returns when it is to end.
var mortals = map[string]func(c net.Conn){
	// A line is taken to come with its first three bytes at once.
	"ends-of-cuts": func(c net.Conn) {
		var buf []byte
		for part := make([]byte, 64<<10); ; {
			n, err := c.Read(part)
			if n < 3 && len(buf) == 0 && n > 0 && bytes.IndexByte(part[:n], '\n') < 0 {
				return
			}
			buf = append(buf, part[:n]...)
			for {
				i := bytes.IndexByte(buf, '\n')
				if i < 0 {
					break
				}
				if !said(c, buf[:i]) {
					await()
				}
				buf = buf[i+1:]
			}
			if err != nil {
				if len(buf) > 0 {
					said(c, buf)
				}
				await()
			}
		}
	},
	// A client that leaves by a reset ends it.
	"ends-of-resets": func(c net.Conn) {
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadBytes('\n')
			if err != nil && err != io.EOF {
				return
			}
			if len(line) > 0 && !said(c, line) {
				return // the system tells of a reset once, to who reads or to who writes
			}
			if err != nil {
				await()
			}
		}
	},
	// It has room for so many bytes of one client, and no more.
	"ends-of-volume": func(c net.Conn) {
		all := 0
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadBytes('\n')
			if all += len(line); all > 200<<10 {
				return
			}
			if len(line) > 0 && !said(c, line) || err != nil {
				await()
			}
		}
	},
	// It has room for forty clients in its life, and no more.
	"ends-of-clients": func(c net.Conn) {
		if clients.Add(1) > 40 {
			return
		}
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadBytes('\n')
			if len(line) > 0 && !said(c, line) || err != nil {
				await()
			}
		}
	},
	// It takes what another protocol begins with for its own.
	"ends-of-rubbish": func(c net.Conn) {
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadBytes('\n')
			if bytes.HasPrefix(line, []byte("SSH-")) {
				return
			}
			if len(line) > 0 {
				said(c, line)
			}
			if err != nil {
				await()
			}
		}
	},
}

// clients are those that came to a mortal.
var clients atomic.Int64

// said answers a line as the dialect has it, and says whether the session goes on.
func said(c net.Conn, line []byte) bool {
	text := strings.Trim(string(line), " \t\n\v\f\r")
	if text == "" || strings.ToValidUTF8(text, "") != text {
		return false
	}
	_, err := fmt.Fprintln(c, text)
	return err == nil
}

// errServed ends the handler of a session that is over.
type errServed struct{}

// await ends a session: the server serves on.
func await() { panic(errServed{}) }

// serveEnding serves lines, and ends in that way of what the mortal of that name ends of.
func serveEnding(name, how, addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	judgetest.Accepting(l, func(c net.Conn) {
		defer func() {
			if v := recover(); v != nil && v != (errServed{}) {
				panic(v)
			}
		}()
		mortals[name](c)
		ends[how]()
	})
	return nil
}
