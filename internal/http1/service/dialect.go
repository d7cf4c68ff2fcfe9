package service

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Name is the dialect's, on the command line.
const Name = "http1"

// mostGrown is the largest body of an exchange.
const mostGrown = 4 << 20

// A Dialect is HTTP/1.1: the exchanges by which the general families judge, and the service by which those of HTTP do.
type Dialect struct {
	*exchange.Dialect
	Options Options
	Service *Service // nil until it was learned
}

// NewDialect returns the dialect of servers with these options, of which nothing was learned yet. Its error says which option cannot be
// meant, by its flag, in one sentence.
func NewDialect(o Options) (*Dialect, error) {
	if err := o.Check(Flags); err != nil {
		return nil, err
	}
	return (&Dialect{Options: o}).Knowing(nil)
}

// Knowing is the dialect of a server of which that was learned; nil is nothing.
func (d *Dialect) Knowing(s *Service) (*Dialect, error) {
	f, err := exchange.Parse(Name, []byte(d.Options.exchanges(s != nil && s.Returns)))
	if err != nil {
		return nil, fmt.Errorf("the options of http1 cannot be sent: %w", err)
	}
	f.Advice = "name by --path what is answered the same each time"
	if s != nil {
		f.Limits.Messages = max(s.Requests-1, 0) // the last answer says that it is the last
		f.Pipelines = !s.Closes                  // one that only loses what came with the request before it breaks RFC 9112, 9.3.2
		for i := range f.Messages {
			m := &f.Messages[i]
			m.Closes = m.Closes || s.Closes
			m.Pipelines = m.Pipelines && f.Pipelines
		}
	}
	return &Dialect{Dialect: exchange.New(f, Name), Options: d.Options, Service: s}, nil
}

// Asked is the service that was learned; nil where none was.
func (d *Dialect) Asked() *Service { return d.Service }

// Summary says what a server of the dialect does.
func (d *Dialect) Summary() string { return "speaks HTTP/1.1" }

// Learned is d with what its exchanges were learned to be.
func (d *Dialect) Learned(x *exchange.Dialect) dialect.Dialect {
	learned := *d
	learned.Dialect = x
	return &learned
}

// exchanges are those of the preset, at the paths and with the fields of the options, and a POST with a body of any length where it is
// said what takes one; returns is that it answers the body and nothing beside it.
func (o Options) exchanges(returns bool) string {
	preset, _ := exchange.Preset(Name)
	const local = "Host: localhost"
	path, text := o.path(), string(preset)
	host, fields := o.host()
	host = "Host: " + cmp.Or(host, "localhost")
	text = strings.NewReplacer("GET / HTTP", "GET "+path+" HTTP", "HEAD / HTTP", "HEAD "+path+" HTTP").Replace(text)
	var block, quoted strings.Builder
	block.WriteString(host + "\n")
	for _, line := range fields {
		block.WriteString("        " + line + "\n")
		quoted.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(line) + `\n`)
	}
	text = strings.ReplaceAll(text, local+"\n", block.String())
	text = strings.ReplaceAll(text, local+`\n`, host+`\n`+quoted.String())
	if o.PostPath == "" {
		return text
	}
	expect := "{frame: http1}"
	if returns {
		expect = `{frame: http1, of: [{pattern: 'HTTP/1\.[01] 2(?:[^\r]|\r[^\n]|\r\n[^\r])*\r\n\r\n'}, {grown: true}]}`
	}
	return text + fmt.Sprintf(`  - name: POST of a body of any length
    send: [{crlf: "POST %s HTTP/1.1\n%s\n%sContent-Type: text/plain\nContent-Length: "}, {length: decimal, then: "\r\n\r\n", of: {grow: {from: 0, to: %d}}}]
    expect: %s
    refused: {pattern: 'HTTP/1\.[01] 413 '}
`, o.PostPath, host, quoted.String(), min(o.bodyLimit(), mostGrown), expect)
}
