package service

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestOptions: what cannot be meant is refused with the flag's name and what it wants; all else makes exchanges that can be sent, in which
// the paths and fields stand.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		o     Options
		wrong string // of the error's text; "" where all is right
	}{
		{Options{}, ""},
		{Options{Path: "/a?b=c", PostPath: "/post", EchoPath: "/echo", Fields: []string{"Authorization: Basic dTpw", `X: a "b" \c`, "host: example.org:80"}, BodyLimit: 1000, CloseWait: time.Second}, ""},
		{Options{PostPath: "/post", BodyLimit: MostBody, CloseWait: MostCloseWait}, ""},
		{Options{Path: "x"}, "--path wants"},
		{Options{Path: "/a b"}, "--path wants"},
		{Options{Path: "/é"}, "--path wants"},
		{Options{PostPath: "/a\r\nX: y"}, "--post-path wants"},
		{Options{EchoPath: "/{{conn}}"}, "--echo-path wants"},
		{Options{Path: "/" + strings.Repeat("a", 5000)}, "--path wants"},
		{Options{Fields: []string{"no colon"}}, "--header wants"},
		{Options{Fields: []string{"X : y"}}, "--header wants"},
		{Options{Fields: []string{"X: a\nY: b"}}, "--header wants"},
		{Options{Fields: []string{"X: {{conn}}"}}, "--header wants"},
		{Options{Fields: []string{"Content-length: 5"}}, "--header cannot give Content-Length"},
		{Options{Fields: make([]string, 33)}, "--header can be given 32 times"},
		{Options{BodyLimit: -1}, "--body-limit must be"},
		{Options{BodyLimit: 1 << 40}, "--body-limit must be"},
		{Options{CloseWait: time.Hour}, "--close-wait must be"},
	} {
		d, err := NewDialect(c.o)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%+v: %v", c.o, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", c.o, err)
			continue
		}
		host, fields := c.o.host()
		if host == "" {
			host = "localhost"
		}
		posts := 0
		for _, m := range d.File.Messages {
			b := m.Send.Bytes("a")
			if !bytes.Contains(b, []byte("\r\nHost: "+host+"\r\n")) {
				t.Errorf("%q has no Host %s", b, host)
			}
			for _, line := range fields {
				if !bytes.Contains(b, []byte("\r\n"+line+"\r\n")) {
					t.Errorf("%q has no %s", b, line)
				}
			}
			if bytes.HasPrefix(b, []byte("POST "+c.o.PostPath+" ")) {
				posts++
			} else if path := c.o.path(); !bytes.HasPrefix(b, []byte("GET "+path+" ")) && !bytes.HasPrefix(b, []byte("HEAD "+path+" ")) && !bytes.HasPrefix(b, []byte("GET /nothing")) {
				t.Errorf("%q asks for another path than %s", b, path)
			}
		}
		if (posts == 1) != (c.o.PostPath != "") {
			t.Errorf("%+v: %d messages post", c.o, posts)
		}
		s := New("127.0.0.1:80", c.o)
		if want := map[bool]string{true: "127.0.0.1:80", false: host}[host == "localhost"]; s.Host != want || len(s.Fields) != len(fields) {
			t.Errorf("it is asked as %s with %q", s.Host, s.Fields)
		}
	}
}
