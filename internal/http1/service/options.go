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
	MostBody      = 64 << 20 // bytes
	MostCloseWait = time.Minute
	MostFields    = 32      // lines
	MostText      = 4 << 10 // bytes of a path, and of a line
	usualBody     = 1 << 20
)

// Empty says whether nothing is said.
func (o Options) Empty() bool {
	return o.Path == "" && o.PostPath == "" && o.EchoPath == "" && len(o.Fields) == 0 && o.BodyLimit == 0 && o.CloseWait == 0
}

// Names are what a caller calls the options by: the flags of a command line, or the fields of a value.
type Names struct{ Path, PostPath, EchoPath, Fields, BodyLimit, CloseWait string }

// Flags are the names on the command line.
var Flags = Names{Path: "--path", PostPath: "--post-path", EchoPath: "--echo-path", Fields: "--header", BodyLimit: "--body-limit", CloseWait: "--close-wait"}

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

// Check says which option cannot be meant, by its name, and what it wants, in one sentence; nil where all can.
func (o Options) Check(called Names) error {
	for _, p := range []struct{ name, path string }{{called.Path, o.Path}, {called.PostPath, o.PostPath}, {called.EchoPath, o.EchoPath}} {
		if p.path != "" && (p.path[0] != '/' || !printable(p.path) || strings.ContainsAny(p.path, " #\"<>\\^`{|}") || len(p.path) > MostText) {
			return fmt.Errorf("%s wants a path of at most %d bytes that begins with / and is encoded as it goes over the wire, such as /search?q=a%%20b, not %q", p.name, MostText, clipped(p.path))
		}
	}
	if len(o.Fields) > MostFields {
		return fmt.Errorf("%s can be given %d times at the most, not %d", called.Fields, MostFields, len(o.Fields))
	}
	for _, line := range o.Fields {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) || !printable(value) || len(line) > MostText || strings.Contains(line, "{{") {
			return fmt.Errorf("%s wants 'Name: value' in printable ASCII, in at most %d bytes and without {{, not %q", called.Fields, MostText, clipped(line))
		}
		for _, own := range []string{"Connection", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade"} {
			if strings.EqualFold(name, own) {
				return fmt.Errorf("%s cannot give %s: the suite writes it itself, since requirements are about it", called.Fields, own)
			}
		}
	}
	if o.BodyLimit < 0 || o.BodyLimit > MostBody {
		return fmt.Errorf("%s must be between 1 and %d bytes, or 0 for %d, not %d", called.BodyLimit, MostBody, usualBody, o.BodyLimit)
	}
	if o.CloseWait < 0 || o.CloseWait > MostCloseWait {
		return fmt.Errorf("%s must be above 0 and at most %s, or 0 for %s, not %s", called.CloseWait, patience.Text(MostCloseWait), patience.Text(patience.Linger), o.CloseWait)
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
