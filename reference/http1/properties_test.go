package http1_test

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference/http1"
)

// A message is a request as a client means it.
type message struct {
	Method, Target, Host string
	Minor                int
	Fields, Trailers     http1.Fields
	Body                 string
	Chunked              bool
}

const (
	tokenOctets  = "!#$%&'*+-.^_`|~0123456789abcXYZ"
	targetOctets = "/?-._~!$&'()*+,;=:@0123456789abcXYZ"
	hostOctets   = "-._~!$&'()*+,;=0123456789abcXYZ"
)

// valueOctets are those that the value of a field may have.
var valueOctets = func() (octets string) {
	for i := range 256 {
		if i == '\t' || i >= ' ' && i != 0x7f {
			octets += string([]byte{byte(i)})
		}
	}
	return octets
}()

// textOf draws a text of these octets.
func textOf(octets string, least, most int) *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte(octets)), least, most), func(b []byte) string { return string(b) })
}

// someFields draws fields whose names mean nothing to the handler.
func someFields(t *rapid.T, label string) (fields http1.Fields) {
	for range rapid.IntRange(0, 4).Draw(t, label) {
		name := "X-" + textOf(tokenOctets, 0, 8).Draw(t, "name")
		fields = append(fields, http1.Field{Name: name, Value: strings.Trim(textOf(valueOctets, 0, 12).Draw(t, "value"), " \t")})
	}
	return fields
}

// someMessage draws a message.
var someMessage = rapid.Custom(func(t *rapid.T) message {
	m := message{
		Method: "M" + textOf(tokenOctets, 0, 6).Draw(t, "method"), Target: "/" + textOf(targetOctets, 0, 20).Draw(t, "target"),
		Host: textOf(hostOctets, 1, 6).Draw(t, "host"), Minor: rapid.IntRange(1, 9).Draw(t, "minor"), Fields: someFields(t, "fields"),
		Body: string(rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "body")), Chunked: rapid.Bool().Draw(t, "chunked"),
	}
	if m.Chunked {
		m.Trailers = someFields(t, "trailers")
	}
	return m
})

// print writes a message in one of the ways in which it may be written.
func (m message) print(t *rapid.T) string {
	var text strings.Builder
	anyCase := func(s string) string {
		return rapid.SampledFrom([]string{s, strings.ToLower(s), strings.ToUpper(s)}).Draw(t, "case")
	}
	blank := func() string { return textOf(" \t", 0, 2).Draw(t, "blank") }
	lines := func(fields http1.Fields) {
		for _, f := range fields {
			fmt.Fprintf(&text, "%s:%s%s%s\r\n", f.Name, blank(), f.Value, blank())
		}
		text.WriteString("\r\n")
	}
	if rapid.Bool().Draw(t, "empty line") {
		text.WriteString("\r\n")
	}
	target, host := m.Target, m.Host
	if rapid.Bool().Draw(t, "absolute") {
		target, host = anyCase("http")+"://"+m.Host+m.Target, "elsewhere"
	}
	fmt.Fprintf(&text, "%s %s HTTP/1.%d\r\n%s:%s%s%s\r\n", m.Method, target, m.Minor, anyCase("Host"), blank(), host, blank())
	if !m.Chunked {
		if zeros := textOf("0", 0, 3).Draw(t, "zeros"); m.Body != "" || zeros != "" {
			fmt.Fprintf(&text, "%s:%s%s%d%s\r\n", anyCase("Content-Length"), blank(), zeros, len(m.Body), blank())
		}
		lines(m.Fields)
		return text.String() + m.Body
	}
	fmt.Fprintf(&text, "%s:%s%s%s\r\n", anyCase("Transfer-Encoding"), blank(), anyCase("chunked"), blank())
	lines(m.Fields)
	size := func(n int) {
		extension := rapid.SampledFrom([]string{"", ";a", " ; a\t=b", `;a="\"b;\\";c`}).Draw(t, "extension")
		fmt.Fprintf(&text, "%s%s%s\r\n", textOf("0", 0, 3).Draw(t, "zeros"), anyCase(fmt.Sprintf("%x", n)), extension)
	}
	for rest := m.Body; rest != ""; {
		n := rapid.IntRange(1, len(rest)).Draw(t, "chunk")
		size(n)
		text.WriteString(rest[:n] + "\r\n")
		rest = rest[n:]
	}
	size(0)
	lines(m.Trailers)
	return text.String()
}

// cut divides a text at offsets that are drawn.
func cut(t *rapid.T, text string) (segments []string) {
	for text != "" {
		n := min(len(text), rapid.OneOf(rapid.IntRange(1, 4), rapid.IntRange(1, 100), rapid.Just(len(text))).Draw(t, "segment"))
		segments, text = append(segments, text[:n]), text[n:]
	}
	return segments
}

// recorder is a handler that keeps the requests that it is given, and answers their bodies.
func recorder(seen *[]message, read func(r *http1.Request) (string, error)) http1.Handler {
	return serving(func(w *http1.Answer, r *http1.Request) error {
		body, err := read(r)
		if err != nil {
			return err
		}
		m := message{Method: r.Method, Target: r.Target, Host: r.Authority, Minor: r.Minor, Body: body, Chunked: r.Length < 0, Trailers: r.Trailers()}
		for _, f := range r.Fields {
			if strings.HasPrefix(f.Name, "X-") {
				m.Fields = append(m.Fields, f)
			}
		}
		*seen = append(*seen, m)
		return w.Text(200, body)
	})
}

// TestPipelineIsReadAsMeant: whatever requests are pipelined, however they are written and cut, they are read as they were meant,
// and answered all and in order.
func TestPipelineIsReadAsMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pipeline, want string
		meant := rapid.SliceOfN(someMessage, 1, 4).Draw(t, "messages")
		for _, m := range meant {
			pipeline += m.print(t)
			want += fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(m.Body), m.Body)
		}
		var seen []message
		size := rapid.IntRange(1, 50).Draw(t, "read size")
		o := play(recorder(&seen, func(r *http1.Request) (string, error) {
			var body strings.Builder
			for p := make([]byte, size); ; {
				n, err := r.Body.Read(p)
				body.Write(p[:n])
				if err == io.EOF {
					return body.String(), nil
				} else if err != nil {
					return "", err
				}
			}
		}), cut(t, pipeline)...)
		if !reflect.DeepEqual(seen, meant) {
			t.Fatalf("%q was read as %+v", pipeline, seen)
		}
		if (o != outcome{text: want, waited: true}) {
			t.Fatalf("%q was answered %+v", pipeline, o)
		}
	})
}

// TestRequestCutShortIsNone: no request is given out as complete before its last byte has come.
func TestRequestCutShortIsNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := someMessage.Draw(t, "message").print(t)
		var seen []message
		short := whole[:rapid.IntRange(0, len(whole)-1).Draw(t, "length")]
		o := play(recorder(&seen, func(r *http1.Request) (string, error) {
			body, err := io.ReadAll(r.Body)
			return string(body), err
		}), cut(t, short)...)
		if len(seen) > 0 || strings.Contains(o.text, " 200 ") {
			t.Fatalf("%q was answered %+v", short, o)
		}
	})
}

// TestAnswerIsReadAsMeant: however a function writes its content, the client gets it, and finds the next answer behind it.
func TestAnswerIsReadAsMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pieces []string
		for _, n := range rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 9), rapid.SampledFrom([]int{1000, 16383, 16384, 16385, 40000})), 0, 5).Draw(t, "sizes") {
			pieces = append(pieces, strings.Repeat("ab", n)[:n])
		}
		content := strings.Join(pieces, "")
		said, flushed, asText := rapid.Bool().Draw(t, "length is said"), rapid.IntRange(0, 5).Draw(t, "flushed"), rapid.Bool().Draw(t, "as text")
		methods := rapid.SliceOfN(rapid.SampledFrom([]string{"GET", "HEAD"}), 1, 3).Draw(t, "methods")
		pipeline := ""
		for _, method := range methods {
			pipeline += request(method, "/", "")
		}
		o := play(serving(func(w *http1.Answer, r *http1.Request) error {
			if said {
				_ = w.Length(int64(len(content)))
			}
			for i, piece := range pieces {
				if i == flushed {
					_ = w.Flush()
				}
				if asText {
					_, _ = w.WriteString(piece)
				} else {
					_, _ = w.Write([]byte(piece))
				}
			}
			return nil
		}), pipeline)
		all, err := readAnswers(o.text, methods)
		if err != nil || len(all) != len(methods) || o.failed != "" || !o.waited {
			t.Fatalf("%q was answered %d times: %v, %.3000q", pipeline, len(all), err, o.text)
		}
		for i, a := range all {
			if methods[i] == "GET" && a.content != content {
				t.Fatalf("%d bytes of content came as %d", len(content), len(a.content))
			}
		}
	})
}
