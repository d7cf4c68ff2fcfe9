package web

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/http1/service"
)

// posted is a POST to Q with these field lines, and a body behind its head.
func posted(lines, body string) string {
	return "POST {Q} HTTP/1.1\nHost: {H}\n{F}" + lines + "\n" + body
}

// hlen shows the family HLEN.
var hlen = []Rule{
	{Requirement: "HLEN-2", Shapes: []shape{
		{name: "Content-Length: 005", text: posted("Content-Length: 005\n", "hello"), plain: ofPost, want: take()},
	}},
	{Requirement: "HLEN-3", Shapes: invalidLengths()},
	{Requirement: "HLEN-11", Shapes: []shape{
		{name: "Content-Length and then Transfer-Encoding", text: posted("Content-Length: 5\nTransfer-Encoding: chunked\n", "5\nhello\n0\n\n"), plain: ofPost, want: take().or(service.Refused, service.Stopped, service.Dropped)},
	}},
}

func invalidLengths() []shape {
	var all []shape
	for _, v := range []string{"+5", "-5", "-0", "5x", "0x5", "5.0", "5e0", "1_0", `"5"`, "abc", "5 5", "5;", "", "\v5", "5\x00", "５"} {
		name := fmt.Sprintf("Content-Length: %s", strings.ToValidUTF8(v, "?"))
		all = append(all, shape{name: name, text: posted("Content-Length: "+v+"\n", "hello"), plain: ofPost, want: refuseAndEnd("400")})
	}
	return all
}
