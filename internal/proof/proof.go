// Package proof says what the order of the bytes on a connection shows by itself. The package is pure.
package proof

import (
	"bytes"
	"fmt"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
)

// Asked is a request on a connection, and what came of it.
type Asked struct {
	Request  []byte
	Sent     int64 // bytes that were sent on the connection before it
	Received int64 // and received
	Wrong    int64 // the offset of the answer's first wrong byte; -1 where none is
	Closed   bool  // the server closed the connection
	Lines    bool  // requests are lines
}

// Proof says of an answer that is not right what the order of the connection's events shows: its wrong byte came, or the server closed the
// connection, before the client had sent all of the request; "" of others.
func (a Asked) Proof(events []timeline.Event) string {
	var came, sent int64
	var early timeline.Event // what holds the wrong byte
	var before []byte        // the request, as far as it was sent by then
	for _, e := range events {
		switch e.Kind {
		case timeline.KindNote: // what follows does not tell how much there was before
			return ""
		case timeline.KindReceive:
			if came += int64(e.Count); early.Kind == "" && a.Wrong >= 0 && a.Received+a.Wrong < came {
				early, before = e, a.sent(sent)
			}
		case timeline.KindSend:
			if sent += int64(e.Count); early.Kind != "" && sent > a.Sent {
				return fmt.Sprintf("it answered %s before %s was sent%s", quoted(early.Bytes, early.Count), quoted(e.Bytes, e.Count), a.hasty(before))
			}
		}
	}
	had := a.sent(sent)
	if rest := a.Request[len(had):]; a.Closed && len(had) > 0 && len(rest) > 0 {
		return fmt.Sprintf("it closed the connection before %s was sent%s", quoted(rest, len(rest)), a.hasty(had))
	}
	return ""
}

// sent is the request as far as it was sent, when so many bytes were on the connection.
func (a Asked) sent(all int64) []byte {
	return a.Request[:min(max(all-a.Sent, 0), int64(len(a.Request)))]
}

// hasty says what a server has not waited for that answers a request as far as that was sent.
func (a Asked) hasty(sent []byte) string {
	switch {
	case len(sent) == 0:
		return ", so it did not wait for a request"
	case a.Lines && !bytes.HasSuffix(sent, []byte("\n")):
		return ", so it did not wait for the end of the line"
	}
	return ", so it did not wait for the rest of the message"
}

// mostQuoted is how many bytes of an event a sentence shows.
const mostQuoted = 24

// quoted shows n bytes as a sentence does, of which these are the first.
func quoted(b []byte, n int) string {
	if len(b) == 0 {
		return show.CountOf(n, "byte")
	}
	if b = b[:min(len(b), mostQuoted)]; len(b) < n {
		return fmt.Sprintf("\"%s\"… (%s)", show.Bytes(b), show.CountOf(n, "byte"))
	}
	return `"` + show.Bytes(b) + `"`
}

// Raw is a connection's bytes in order, as evidence keeps them.
func Raw(all []timeline.Raw) (kept []report.Raw) {
	left := report.RawLimit
	for _, r := range all {
		from := "client"
		if r.Server {
			from = "server"
		}
		text := r.Bytes[:min(len(r.Bytes), left)]
		left -= len(text)
		kept = append(kept, report.Raw{From: from, Bytes: text, Total: int64(r.Total)})
	}
	return kept
}
