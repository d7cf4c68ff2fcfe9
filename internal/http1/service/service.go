// Package service asks a server of HTTP/1.1: it learns what the server answers to plain requests, delivers messages to it in every
// way, and says how it read them.
package service

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
)

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
	Returns   bool // and nothing beside it
	Routes    bool // it answers a method that it does not know otherwise than GET
	Old       bool // it answers in HTTP/1.0
	Closes    bool // it ends the connection behind every answer
	Pipelines bool // it answers what came together with the request before it
	EndsPosts bool // it ends the connection behind its answer to a POST
	ETag      string
	// Requests is how many requests a connection carries: the server ends it behind the answer to the last. 0 is that no such number
	// was seen.
	Requests int

	silent atomic.Int32 // how often it was silent again
	once   sync.Once
	framed bool
}

// New returns the service at an authority, of which nothing is learned yet.
func New(authority string, o Options) *Service {
	host, fields := o.host()
	s := &Service{Target: http1.Target{Host: cmp.Or(host, authority), Path: o.path(), Post: o.PostPath, Fields: fields}, Tells: o.EchoPath, BodyLimit: o.bodyLimit(), CloseWait: o.CloseWait}
	if s.Post == "" {
		s.Post = s.Path
	}
	if s.Tells == "" {
		s.Tells = s.Path
	}
	s.Missing, s.Hidden = missing, hidden
	s.LimitSaid = o.BodyLimit > 0
	if s.CloseWait == 0 {
		s.CloseWait = patience.Linger
	}
	return s
}

// Write is that of the target, in which {T} is the path of what tells, or P where nothing does.
func (s *Service) Write(text string) []byte {
	return s.Target.Write(strings.ReplaceAll(text, "{T}", cmp.Or(s.Tells, s.Path)))
}

// Framed says whether the server answers plain requests however they are cut, which ask finds out once.
func (s *Service) Framed(ask func() bool) bool {
	s.once.Do(func() { s.framed = ask() })
	return s.framed
}

// Notes say what was learned that a reader of a report has to know.
func (s *Service) Notes() (all []string) {
	for _, one := range []struct {
		is   bool
		text string
	}{
		{s.Closes, "the server ends the connection behind every answer: where it takes a message to end does not show"},
		{!s.Closes && !s.Pipelines, "the server does not answer what came together with the request before it: what follows a message is sent when that was answered"},
		{s.EndsPosts && !s.Closes, "the server ends the connection behind its answer to a POST: where it takes its body to end does not show (--post-path names what does not)"},
		{s.Old, "the server answers in HTTP/1.0"},
		{s.Requests > 0, fmt.Sprintf("the server ends a connection behind %d requests: no more are sent on one", s.Requests)},
	} {
		if one.is {
			all = append(all, one.text)
		}
	}
	return all
}

// What a server hardly has.
const (
	missing = "/streamspec/missing"
	hidden  = "/streamspec/hidden"
	unheard = "ZQXJ" // a method
)
