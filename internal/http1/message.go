package http1

import (
	"fmt"
	"strings"
)

// A Target is where a server is asked, and how.
type Target struct {
	Host    string   // the authority, for Host and the absolute form
	Path    string   // P: what answers GET
	Post    string   // Q: what takes a body by POST
	Missing string   // X: what does not exist
	Hidden  string   // H: what hidden requests ask for, which does not exist either
	Fields  []string // lines that every request has beside Host, such as "Authorization: Basic …"
}

// Write writes requests as they go over the wire. In the text, an LF is a CR LF, ␊ an LF alone and ␍ a CR alone; {H} is the authority,
// {P}, {Q}, {X} and {HIDDEN} the paths, and {F} the lines of Fields.
func (t Target) Write(text string) []byte {
	var fields strings.Builder
	for _, line := range t.Fields {
		fields.WriteString(line + "\n")
	}
	text = strings.NewReplacer("{H}", t.Host, "{P}", t.Path, "{Q}", t.Post, "{X}", t.Missing, "{HIDDEN}", t.Hidden, "{F}", fields.String()).Replace(text)
	return []byte(strings.NewReplacer("\n", "\r\n", "␊", "\n", "␍", "\r").Replace(text))
}

// A Message is what a case sends, and what is known of the requests in it.
type Message struct {
	Name  string // in words
	Bytes []byte
	// Asked is what its requests are, as the RFC reads them; none where they are none.
	Asked []Asked
	// Ends says that the connection ends behind its answer, as the request says itself: nothing is sent behind it then, since a client
	// that sends more breaks RFC 9112, 9.6.
	Ends bool
}

// Get is a GET of a path, with more field lines, each without its CR LF.
func (t Target) Get(path string, lines ...string) Message { return t.request("GET", path, lines, "") }

// Head is a HEAD of a path.
func (t Target) Head(path string, lines ...string) Message {
	m := t.request("HEAD", path, lines, "")
	m.Asked[0].Head = true
	return m
}

// By is a request of a method without content.
func (t Target) By(method, path string, lines ...string) Message {
	return t.request(method, path, lines, "")
}

// PostOf is a POST of a content to a path, whose length is said.
func (t Target) PostOf(path, content string, lines ...string) Message {
	return t.request("POST", path, append(lines, fmt.Sprintf("Content-Length: %d", len(content))), content)
}

// PostIn is a POST to a path of chunks of these contents.
func (t Target) PostIn(path string, chunks []string, lines ...string) Message {
	return t.request("POST", path, append(lines, "Transfer-Encoding: chunked"), Chunks(chunks...))
}

func (t Target) request(method, path string, lines []string, content string) Message {
	all := append(append([]string{"Host: " + t.Host}, t.Fields...), lines...)
	text := method + " " + path + " HTTP/1.1\r\n" + strings.Join(all, "\r\n") + "\r\n\r\n" + content
	return Message{Name: method + " " + path, Bytes: []byte(text), Asked: []Asked{{}}}
}

// Chunks is a body of chunks of these contents, and the last chunk behind them (RFC 9112, 7.1).
func Chunks(contents ...string) string {
	var b strings.Builder
	for _, c := range contents {
		if c != "" {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(c), c)
		}
	}
	return b.String() + "0\r\n\r\n"
}

// FollowUp is the request that is sent behind a message in the same segment. Whether its own answer comes tells where the server believes
// that the message ended. The mark is told by a server that repeats its request's target.
func (t Target) FollowUp(mark string) Message {
	separator := "?"
	if strings.Contains(t.Path, "?") {
		separator = "&"
	}
	m := t.Get(t.Path+separator+"m="+mark, "Connection: close")
	m.Ends = true
	return m
}
