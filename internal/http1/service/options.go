package service

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
)

// Options say what cannot be learned of a server, or is not to be.
type Options struct {
	Path      string        // P: what answers GET; "/" where empty
	PostPath  string        // Q: what takes a body by POST; P where empty
	EchoPath  string        // what repeats what it understood of its request; P where empty
	Fields    []string      // lines that every request has, as "Authorization: Basic …"; one of Host says by which name the server is asked
	BodyLimit int64         // the largest body that the server has to take; 1 MiB where 0
	CloseWait time.Duration // how long the server may take to end a connection that it is to end; patience.Linger where 0
}

// Bounds of options.
const (
	mostBody      = 64 << 20
	usualBody     = 1 << 20
	mostCloseWait = time.Minute
	mostFields    = 32
	mostText      = 4 << 10
)

func (o Options) path() string {
	if o.Path == "" {
		return "/"
	}
	return o.Path
}

func (o Options) bodyLimit() int64 {
	if o.BodyLimit == 0 {
		return usualBody
	}
	return o.BodyLimit
}

// host is the name by which the server is asked, where it is said; others are the fields beside it.
func (o Options) host() (host string, others []string) {
	for _, line := range o.Fields {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Host") {
			host = strings.TrimSpace(value)
		} else {
			others = append(others, line)
		}
	}
	return host, others
}

// check says which option cannot be meant.
func (o Options) check() error {
	for _, p := range []struct{ flag, path string }{{"--path", o.Path}, {"--post-path", o.PostPath}, {"--echo-path", o.EchoPath}} {
		if p.path != "" && (p.path[0] != '/' || !printable(p.path) || strings.ContainsAny(p.path, " #\"<>\\^`{|}") || len(p.path) > mostText) {
			return fmt.Errorf("%s wants a path that begins with / and is encoded as it goes over the wire, such as /search?q=a%%20b, not %q", p.flag, clipped(p.path))
		}
	}
	if len(o.Fields) > mostFields {
		return fmt.Errorf("--header can be given %d times at the most", mostFields)
	}
	for _, line := range o.Fields {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) || !printable(value) || len(line) > mostText || strings.Contains(line, "{{") {
			return fmt.Errorf("--header wants 'Name: value' in printable ASCII, not %q", clipped(line))
		}
		for _, own := range []string{"Connection", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade"} {
			if strings.EqualFold(name, own) {
				return fmt.Errorf("--header cannot give %s: the suite writes it itself, since requirements are about it", own)
			}
		}
	}
	if o.BodyLimit < 0 || o.BodyLimit > mostBody {
		return fmt.Errorf("--body-limit must be between 1 and %d bytes, not %d", mostBody, o.BodyLimit)
	}
	if o.CloseWait < 0 || o.CloseWait > mostCloseWait {
		return fmt.Errorf("--close-wait must be at most %s, not %s", patience.Text(mostCloseWait), o.CloseWait)
	}
	return nil
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

func isToken(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	}) < 0
}

func clipped(s string) string {
	return show.Prose(s[:min(len(s), 60)])
}
