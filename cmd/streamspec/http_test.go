package main_test

import (
	"bufio"
	"fmt"
	"net/textproto"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestRunHTTP: the reference is right by what is about HTTP/1.1, from its name alone; package web judges it by all.
func TestRunHTTP(t *testing.T) {
	t.Parallel()
	o := call(t, "run", "reference", "--dialect", "http1", "--only", "FRAM-1,HREQ-1..4,HLEN-12,HSEM-1,SMUG-1,HCON-8")
	if want := "conformant: 8 of 8 MUST, 1 of 1 SHOULD"; o.status != 0 || lastLine(o.stdout) != want {
		t.Errorf("status %d: %s\n%s", o.status, o.stdout, o.stderr)
	}
	for _, want := range []string{"FRAM framing  1 of 1\n", "HREQ the request line  4 of 4\n", "✓ HLEN-12"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("it does not say %q: %s", want, o.stdout)
		}
	}
}

// TestRunHTTPFaults: what is wrong with a server of HTTP/1.1 is told by the requirement that it breaks, with the two readings of what it parts
// at, and where reads are taken for requests it is that which is told first.
func TestRunHTTPFaults(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]struct {
		serve func(judgetest.Conn)
		only  string
		says  []string
	}{
		"a read is a request": {aReadIsARequest, "FRAM-2,HFLD-1,HLEN-3..4", []string{
			"✗ HFLD-1", "likely cause: a read is taken for a message", "begin with FRAM-2: ", "(FRAM-2, HFLD-1, HLEN-3, HLEN-4)",
		}},
		"a GET has no body": {bodiesOfPostAlone, "FRAM-1..3,HLEN-17", []string{
			"✗ HLEN-17", "request smuggling: without a body the message ends behind byte ", "case      HLEN-17/messages", "(HLEN-17)",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := call(t, "run", judgetest.At(t, s.serve).Addr(), "--dialect", "http1", "--only", s.only)
			if o.status != 1 {
				t.Errorf("status %d: %s\n%s", o.status, o.stdout, o.stderr)
			}
			text := strings.Join(strings.Fields(o.stdout), " ")
			for _, want := range s.says {
				if !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("it does not say %q: %s", want, o.stdout)
				}
			}
		})
	}
}

// aReadIsARequest takes what each read brings for a request.
func aReadIsARequest(c judgetest.Conn) {
	for b := make([]byte, 64<<10); ; {
		n, err := c.Read(b)
		if err != nil || !answersHTTP(c, string(b[:n])) {
			return
		}
	}
}

// bodiesOfPostAlone reads the body of a POST, and takes that of a GET for the next request.
func bodiesOfPostAlone(c judgetest.Conn) {
	for r := bufio.NewReader(c); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		fields, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			return
		}
		length := 0
		_, _ = fmt.Sscan(fields.Get("Content-Length"), &length)
		if strings.HasPrefix(line, "POST ") {
			_, _ = r.Discard(length)
		}
		if !answersHTTP(c, line) || fields.Get("Connection") == "close" {
			return
		}
	}
}

// answersHTTP answers a request by its first line.
func answersHTTP(c judgetest.Conn, request string) bool {
	method, rest, _ := strings.Cut(request, " ")
	status, text := "404 Not Found", "nothing\n"
	if target, _, _ := strings.Cut(rest, " "); target == "/" || strings.HasPrefix(target, "/?") {
		status, text = "200 OK", "hello\n"
	}
	head := fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n", status, len(text))
	if method == "HEAD" {
		text = ""
	}
	_, err := c.Write([]byte(head + text))
	return err == nil
}
