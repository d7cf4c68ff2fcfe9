package suite

import (
	"time"

	"github.com/streamspec/streamspec/internal/http1/service"
)

// HTTP says of a server that speaks "http1" what cannot be learned of it. Whatever is left empty is found out as far as it can be, or has
// its default, so that the zero value is right for a server that answers GET /. The paths and fields are sent as they are: a *[ConfigError]
// says which of them cannot be, and what it wants.
//
// The flags of the command line of the same names are the same; that of Fields is --header.
type HTTP struct {
	// Path is what answers GET and HEAD, each time with the same; "" is "/". It begins with / and is encoded as it goes over the wire
	// ("/search?q=a%20b"): printable ASCII without space, #, ", <, >, \, ^, `, {, | and }, in up to 4,096 bytes. So are PostPath and EchoPath.
	Path string
	// PostPath is what takes a body by POST, of any content; "" is Path. With it, bodies of up to BodyLimit, and 4 MiB, are sent, cut in
	// every way. Where its answer has the body in it, which is found out, more is shown: that the body was read as it was sent.
	PostPath string
	// EchoPath is what answers GET with a content that repeats the target, the Host and the X-Probe field of its request; "" is Path. By
	// it is shown how the server understood them; where nothing repeats them, which is found out, that is skipped.
	EchoPath string
	// Fields are lines that every request has, each as "Name: value" without its line end, such as a token or a cookie: 32 at the most,
	// each in printable ASCII and up to 4,096 bytes, without "{{". Host is the name by which the server is asked, which otherwise is its
	// address. Connection, Content-Length, Transfer-Encoding, Expect and Upgrade cannot be given: requirements are about them.
	Fields []string
	// BodyLimit is the largest body that the server has to take, in bytes, from 1 to [MaxBodyLimit]; 0 is 1 MiB. A larger one may be
	// answered with 413. One up to it may not where it was said, and is warned of where it was not.
	BodyLimit int64
	// CloseWait is how long the server may take to end a connection that it is to end, above 0 and at most [MaxCloseWait]; 0 is 2 s. Before
	// that fails a requirement, it is looked at again for 10 s.
	CloseWait time.Duration
}

// Limits of what is said of an HTTP server.
const (
	MaxBodyLimit = service.MostBody      // 64 MiB
	MaxCloseWait = service.MostCloseWait // a minute
)

// Validate returns a *[ConfigError] when the options cannot be meant, or not with a dialect other than "http1": its sentence says which,
// by the field's name, and what to do.
func (h HTTP) Validate(dialect string) error {
	o := service.Options(h)
	if dialect != service.Name {
		if !o.Empty() {
			return &ConfigError{Text: `HTTP says something of a server that speaks "http1": set Dialect to "http1", or leave HTTP empty`}
		}
		return nil
	}
	if err := o.Check(service.Names{
		Path: "HTTP.Path", PostPath: "HTTP.PostPath", EchoPath: "HTTP.EchoPath", Fields: "HTTP.Fields", BodyLimit: "HTTP.BodyLimit", CloseWait: "HTTP.CloseWait",
	}); err != nil {
		return &ConfigError{Text: err.Error()}
	}
	return nil
}
