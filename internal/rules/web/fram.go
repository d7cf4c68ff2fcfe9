package web

import (
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// Pairs shows FRAM-5 by messages of HTTP: each is cut in three in every way, as R6 of the contract has it.
func Pairs() ask.Rule { return ask.Rule{Requirement: "FRAM-5", Shapes: shortRequests()} }

// shortRequests are short valid requests.
func shortRequests() []ask.Shape {
	asked := ask.Take().Or(service.Stopped)
	shapes := []ask.Shape{
		{Name: "GET", Text: lined("GET {P} HTTP/1.1"), Want: asked},
		{Name: "GET with fields", Text: fielded("X-A:b\nAccept: */*"), Want: asked},
		{Name: "GET of what does not exist", Text: lined("GET {X} HTTP/1.1"), Plain: ask.OfMissing, Want: asked},
		{Name: "HEAD", Text: lined("HEAD {P} HTTP/1.1"), Plain: ask.OfHead, Asked: []http1.Asked{{Head: true}}, Want: asked},
		{Name: "GET twice", Text: lined("GET {P} HTTP/1.1") + lined("GET {P} HTTP/1.1"), Asked: make([]http1.Asked, 2), Lacks: ask.Persist, Want: ask.Take()},
		{Name: "POST with a length", Text: posted("Content-Length: 5\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: ask.Take()},
		{Name: "POST of nothing", Text: posted("Content-Length: 0\n", ""), Plain: ask.OfBody, Lacks: ask.Posts, Want: next()},
		{Name: "POST in a chunk", Text: inChunks(helloInChunk), Plain: ask.OfPost, Lacks: ask.Posts | ask.Modern, Want: ask.Take()},
		{Name: "POST in two chunks", Text: inChunks("2\nhe\n3\nllo\n0\n\n"), Plain: ask.OfPost, Lacks: ask.Posts | ask.Modern, Want: ask.Take()},
	}
	for i := range shapes {
		shapes[i].Pairs = true
	}
	return shapes
}
