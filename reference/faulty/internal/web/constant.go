package web

import (
	"fmt"
	"io"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// constantServers give everybody the same.
var constantServers = []Fault{{
	Name:        "says-nothing",
	Sentence:    "everything is read and nothing answered",
	Requirement: "FRAM-1",
	Mistake:     "the answer is written to a buffer that nobody flushes",
	Trivial:     true,
	Plant:       constant("", false),
}, {
	Name:        "closes-at-once",
	Sentence:    "every connection is closed as soon as it is open",
	Requirement: "LIFE-1",
	Mistake:     "the handler is never called",
	Trivial:     true,
	Plant: func(changes *plant.Changes) {
		changes.Session = func(reference.Dialect) reference.Dialect { return func(reference.Stream) error { return nil } }
	},
},
	always(200, false), always(400, false), always(404, false), always(200, true), always(400, true), always(404, true),
}

// always is a server that answers each read with that status, and perhaps closes behind the first.
func always(status int, closes bool) Fault {
	f := Fault{
		Name:        fmt.Sprintf("always-%d", status),
		Sentence:    fmt.Sprintf("whatever is sent is answered with %d, once a segment", status),
		Requirement: "FRAM-1",
		Mistake:     "the answer was tried out with one request",
		Trivial:     true,
	}
	end := ""
	if closes {
		f.Name += "-and-closes"
		f.Sentence = fmt.Sprintf("the first segment of a connection is answered with %d, and the connection closed", status)
		end = "Connection: close\r\n"
	}
	f.Plant = constant(fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: 5\r\n%s\r\nsame\n", status, server.Reasons[status], end), closes)
	return f
}

func constant(answer string, closes bool) func(*plant.Changes) {
	session := func(s reference.Stream) error {
		for {
			if _, err := s.ReadSome(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			s.WriteContent(answer)
			if err := s.Send(); err != nil || closes {
				return err
			}
		}
	}
	return func(changes *plant.Changes) {
		changes.Session = func(reference.Dialect) reference.Dialect { return session }
	}
}
