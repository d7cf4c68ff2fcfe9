// Package service asks a server of HTTP/1.1: it learns what the server answers to plain requests, delivers messages to it in every
// way, and says how it read them.
package service

import (
	"cmp"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
)

// Options say what cannot be learned of a server, or is not to be.
type Options struct {
	Path      string        // P: what answers GET; "/" where empty
	PostPath  string        // Q: what takes a body by POST; P where empty
	EchoPath  string        // what repeats what it understood of its request; P where empty
	Fields    []string      // lines that every request has, as "Authorization: Basic …"
	BodyLimit int64         // the largest body that the server has to take; 1 MiB where 0
	CloseWait time.Duration // how long the server may take to end a connection; patience.Linger where 0
}

// A Service is a server as it is asked, and what was learned of it.
type Service struct {
	http1.Target
	Control http1.Control
	// Next is its answer to the request that follows a message.
	Next http1.Known

	// Told is its answer where it repeats what it understood of its request.
	Told http1.Known

	Tells     string // the path of what repeats what it understood of its request; "" where nothing does
	BodyLimit int64
	LimitSaid bool // by the user
	CloseWait time.Duration

	Echoes    bool // what takes a POST repeats its body
	Routes    bool // it answers a method that it does not know otherwise than GET
	Old       bool // it answers in HTTP/1.0
	Closes    bool // it ends the connection behind every answer
	Pipelines bool // it answers what came together with the request before it
	ETag      string
}

// New returns the service at an authority, of which nothing is learned yet.
func New(authority string, o Options) *Service {
	s := &Service{Target: http1.Target{Host: authority, Path: o.Path, Post: o.PostPath, Fields: o.Fields}, Tells: o.EchoPath, BodyLimit: o.BodyLimit, CloseWait: o.CloseWait}
	if s.Path == "" {
		s.Path = "/"
	}
	if s.Post == "" {
		s.Post = s.Path
	}
	if s.Tells == "" {
		s.Tells = s.Path
	}
	s.Missing, s.Hidden = missing, hidden
	s.LimitSaid = o.BodyLimit > 0
	if !s.LimitSaid {
		s.BodyLimit = 1 << 20
	}
	if s.CloseWait == 0 {
		s.CloseWait = patience.Linger
	}
	return s
}

// Write is that of the target, in which {T} is the path of what tells, or P where nothing does.
func (s *Service) Write(text string) []byte {
	return s.Target.Write(strings.ReplaceAll(text, "{T}", cmp.Or(s.Tells, s.Path)))
}

// What a server hardly has.
const (
	missing = "/streamspec/missing"
	hidden  = "/streamspec/hidden"
	unheard = "ZQXJ" // a method
)
