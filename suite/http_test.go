package suite_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/fuzz"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
)

// TestHTTPIsChecked: what of an HTTP server's options cannot be meant is refused before anything is sent, in a sentence that names the
// field and says what to do, by each door for libraries.
func TestHTTPIsChecked(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		dialect string
		http    suite.HTTP
		want    string // of the sentence; "" where all is right
	}{
		{"http1", suite.HTTP{}, ""},
		{"line", suite.HTTP{}, ""},
		{"http1", suite.HTTP{
			Path: "/a?b=c", PostPath: "/post", EchoPath: "/echo", Fields: []string{"Authorization: Basic dTpw", "Host: example.org"},
			BodyLimit: suite.MaxBodyLimit, CloseWait: suite.MaxCloseWait,
		}, ""},
		{"http1", suite.HTTP{Path: "a"}, "HTTP.Path wants a path of at most 4096 bytes that begins with /"},
		{"http1", suite.HTTP{PostPath: "/a\r\nX: y"}, `HTTP.PostPath wants a path of at most 4096 bytes that begins with / and is encoded as it goes over the wire, such as /search?q=a%20b, not "/a`},
		{"http1", suite.HTTP{EchoPath: "/" + strings.Repeat("a", 1<<20)}, "HTTP.EchoPath wants"},
		{"http1", suite.HTTP{Fields: []string{"X: \x1b[31m"}}, "HTTP.Fields wants 'Name: value' in printable ASCII"},
		{"http1", suite.HTTP{Fields: []string{"transfer-encoding: chunked"}}, "HTTP.Fields cannot give Transfer-Encoding: the suite writes it itself"},
		{"http1", suite.HTTP{Fields: make([]string, 33)}, "HTTP.Fields can be given 32 times at the most, not 33"},
		{"http1", suite.HTTP{BodyLimit: -1}, "HTTP.BodyLimit must be between 1 and 67108864 bytes, or 0 for 1048576, not -1"},
		{"http1", suite.HTTP{BodyLimit: suite.MaxBodyLimit + 1}, "HTTP.BodyLimit must be between 1 and"},
		{"http1", suite.HTTP{CloseWait: -time.Second}, "HTTP.CloseWait must be above 0 and at most 1m, or 0 for 2s, not -1s"},
		{"http1", suite.HTTP{CloseWait: suite.MaxCloseWait + 1}, "HTTP.CloseWait must be"},
		{"", suite.HTTP{Path: "/"}, `set Dialect to "http1", or leave HTTP empty`},
		{"preset:http1", suite.HTTP{Fields: []string{"X: y"}}, `set Dialect to "http1"`},
	} {
		inTest := suite.Config{Listener: l, Dialect: c.dialect, HTTP: c.http}
		_, fuzzed := fuzz.Run(t.Context(), fuzz.Config{Addr: l.Addr().String(), Dialect: c.dialect, HTTP: c.http, Clients: -1}) // which is wrong whatever else is right
		if c.want == "" {
			if err := inTest.Validate(); err != nil || fuzzed == nil || !strings.HasPrefix(fuzzed.Error(), "say how long to go on") {
				t.Errorf("%+v: %v, %v", c.http, err, fuzzed)
			}
			continue
		}
		_, judged := suite.Run(t.Context(), inTest)
		for door, err := range map[string]error{"Validate": inTest.Validate(), "suite.Run": judged, "fuzz.Run": fuzzed} {
			wrong := (*suite.ConfigError)(nil)
			if !errors.As(err, &wrong) || !strings.Contains(wrong.Text, c.want) || strings.ContainsAny(wrong.Text, "\r\n\x1b") || len(wrong.Text) > 400 {
				t.Errorf("%s of %.80s: %v, want %s", door, fmt.Sprintf("%+v", c.http), err, c.want)
			}
		}
	}
	if err := (suite.Config{Listener: l, Speaks: prefixed{}, HTTP: suite.HTTP{Path: "/"}}).Validate(); err == nil || !strings.Contains(err.Error(), "leave HTTP empty") {
		t.Errorf("beside a dialect of one's own: %v", err)
	}
}

// TestHTTPIsSaid: what is said of a server is what it is asked, and by it more is shown.
func TestHTTPIsSaid(t *testing.T) {
	t.Parallel()
	verdict := func(said suite.HTTP) report.Result {
		server := reference.NewTCPServer(reference.Config{Handler: http1.Demo})
		r, err := suite.Run(t.Context(), suite.Config{Serve: server.Serve, Dialect: "http1", HTTP: said, Only: "HFLD-14"})
		if err != nil || len(r.Results) != 1 {
			t.Fatalf("%v, %+v", err, r)
		}
		return r.Results[0]
	}
	if r := verdict(suite.HTTP{Path: "/inspect"}); r.Verdict != report.Pass {
		t.Errorf("of the path that was said: %s %s", r.Verdict, r.Reason)
	}
	if r := verdict(suite.HTTP{Path: "/nothing"}); r.Verdict == report.Pass {
		t.Errorf("of a path that is not there: %s %s", r.Verdict, r.Reason)
	}
}
