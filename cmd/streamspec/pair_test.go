package main_test

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

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

// httpServer serves with net/http.
func httpServer(t *testing.T, h http.Handler) string {
	t.Helper()
	l := listening(t)
	s := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// proxy is a front end of net/http/httputil that sends on to an address.
func proxy(t *testing.T, to string) string {
	t.Helper()
	p := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	p.ErrorLog = log.New(io.Discard, "", 0)
	return httpServer(t, p)
}

// deaf is a server that reads no content, and answers each head.
func deaf(t *testing.T) string {
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
				for r := bufio.NewReader(c); ; {
					first, ends := "", false
					for line := "x"; line != "\r\n"; {
						var err error
						if line, err = r.ReadString('\n'); err != nil {
							return
						}
						if first == "" {
							first = line
						}
						ends = ends || line == "Connection: close\r\n"
					}
					content := "hi"
					if strings.HasPrefix(first, "HEAD ") {
						content = ""
					}
					if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"+content); err != nil || ends {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// TestPair: a right proxy and a right server agree; one that reads no content parts from it, and the bytes are shown in lines of 80 columns;
// and where nothing comes through there is no verdict.
func TestPair(t *testing.T) {
	right := httpServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "hello\n")
	}))
	recorder := free(t)
	front := proxy(t, recorder)
	if o := call(t, "pair", front, right, "--listen", recorder); o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "conformant (SMUG-8): the two agree over ") || o.stderr != "" {
		t.Errorf("a proxy and its server: status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	file := filepath.Join(t.TempDir(), "pair.json")
	o := call(t, "pair", front, deaf(t), "--listen", recorder, "--json", file)
	if o.status != 1 || !strings.HasPrefix(lastLine(o.stdout), "not conformant (SMUG-8): over ") && !strings.Contains(o.stdout, "\nnot conformant (SMUG-8): over ") || !strings.Contains(o.stdout, "reading   back: it ends before byte ") {
		t.Errorf("a server that reads no content: status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	for line := range strings.SplitSeq(o.stdout, "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	var rep struct {
		Schema, Conclusion string
		Summary            map[string]int
		Results            []struct{ Verdict, Outcome string }
	}
	if b, err := os.ReadFile(file); err != nil || json.Unmarshal(b, &rep) != nil || rep.Schema != "streamspec-pair/1" || rep.Conclusion != "not conformant" || rep.Summary["parted"] == 0 || len(rep.Results) != rep.Summary["messages"] {
		t.Errorf("%v: %+v", err, rep)
	}
	refused(t, call(t, "pair", proxy(t, right), right, "--listen", recorder), 3, "nothing of it came to the recorder: let it send that on to "+recorder)
	refused(t, call(t, "pair", free(t), right, "--listen", recorder), 3, "FRONT: ")
	refused(t, call(t, "pair", right, right, "--listen", right), 2, "pair cannot listen at "+right)
	refused(t, call(t, "pair", right, right, "--listen", recorder, "--path", "x"), 2, "--path")
	refused(t, call(t, "pair", right, right, "--listen", recorder, "--host", "a b"), 2, "--host")
	refused(t, call(t, "pair", right), 2, "wants the address of a proxy, and that of a server")
}
