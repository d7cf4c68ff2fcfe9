package main_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// httpBack is a server of net/http that answers whatever it is asked.
func httpBack(t *testing.T) string {
	t.Helper()
	l := listening(t)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "hello\n")
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func listening(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// free is an address where nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l := listening(t)
	_ = l.Close()
	return l.Addr().String()
}

// proxy is a front end of net/http/httputil that sends on to an address.
func proxy(t *testing.T, to string) string {
	t.Helper()
	l := listening(t)
	s := &http.Server{Handler: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to}), ErrorLog: log.New(io.Discard, "", 0)}
	s.Handler.(*httputil.ReverseProxy).ErrorLog = s.ErrorLog
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// tunnel is a front end that sends every byte on as it comes.
func tunnel(t *testing.T, to string) string {
	t.Helper()
	l := listening(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				b, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer func() { _ = b.Close() }()
				go func() {
					_, _ = io.Copy(b, c)
					_ = b.(*net.TCPConn).CloseWrite()
				}()
				_, _ = io.Copy(c, b)
			}()
		}
	}()
	return l.Addr().String()
}

// TestPair: a front end that writes requests anew agrees with the server behind it; one that hands bytes on parts, and the message is shown;
// and where nothing comes through there is no verdict.
func TestPair(t *testing.T) {
	back := httpBack(t)
	recorder := free(t)
	o := call(t, "pair", proxy(t, recorder), back, "--listen", recorder, "--only", "HLEN-2,HLEN-11")
	if o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "they agree: over ") {
		t.Errorf("a proxy and its server: status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	recorder = free(t)
	o = call(t, "pair", tunnel(t, recorder), back, "--listen", recorder, "--only", "hlen-11")
	if o.status != 1 || !strings.HasPrefix(lastLine(o.stdout), "they part: over ") || !strings.Contains(o.stdout, "sent on Content-Length beside Transfer-Encoding") || !strings.Contains(o.stdout, `Transfer-Encoding: chunked\r\n`) {
		t.Errorf("a tunnel: status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	recorder = free(t)
	o = call(t, "pair", proxy(t, free(t)), back, "--listen", recorder) // which sends on elsewhere
	refused(t, o, 3, "a plain request does not come through the pair")
	refused(t, call(t, "pair", back, back), 2, "--listen wants the address that the front end sends on to")
	refused(t, call(t, "pair", back, back, "--listen", back), 2, "pair cannot listen")
	refused(t, call(t, "pair", back, back, "--listen", free(t), "--path", "x"), 2, "--path wants")
	refused(t, call(t, "pair", back, back, "--listen", free(t), "--only", "HLEN-99"), 2, "no message is of HLEN-99")
	refused(t, call(t, "pair", back), 2, "wants the addresses of a front end and of the server behind it")
}
