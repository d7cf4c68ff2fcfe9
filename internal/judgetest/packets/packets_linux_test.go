package packets_test

import (
	"bytes"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
)

// TestTimelines compares the timelines of failures, payload by payload, with the packets of the same connections: each side has sent these
// bytes, and what is shown to have come before something was sent had come by then.
func TestTimelines(t *testing.T) {
	for _, c := range []struct {
		fault, dialect, by string
		proved             string // whether it may be seen that it answers before it has the whole request: maybe, where it comes in time, or no
	}{
		{"read-is-message", "line", "FRAM-2", "maybe"},
		{"read-is-message", "line", "FRAM-3", "maybe"},
		{"read-is-message", "script", "FRAM-2", "maybe"},
		{"read-is-message", "greet", "FRAM-2", "maybe"},
		{"crlf-split", "line", "FRAM-6", "no"},
		{"cr-loses-next", "line", "FRAM-6", "no"},
		{"decode-each-read", "script", "FRAM-6", "no"},
		{"partial-dropped", "line", "FRAM-2", "no"},
		{"one-request", "line", "FRAM-4", "no"},
		{"first-line-only", "line", "FRAM-4", "no"},
		{"early-answer", "echo", "FRAM-1", "maybe"},
		{"bytes-first", "script", "SEND-2", "no"},
		{"read-short", "script", "READ-1", "no"},
		{"lose-byte-16k", "echo", "FRAM-8", "no"},
	} {
		t.Run(c.fault+"/"+c.dialect+"/"+c.by, func(t *testing.T) {
			s, err := faulty.NewServer(c.fault, c.dialect, reference.Config{Addr: "127.0.0.1:0"})
			if err == nil {
				err = s.Listen()
			}
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = s.ServeForever() }() // which says that it was closed
			defer func() { _ = s.Close() }()
			capture := listen(t, s.Addr().(*net.TCPAddr).Port)
			r, err := suite.Run(t.Context(), suite.Config{Addr: s.Addr().String(), Dialect: c.dialect, Only: c.by})
			if err != nil {
				t.Fatal(err)
			}
			packets := capture.payloads(t)
			res := r.Results[slices.IndexFunc(r.Results, func(res report.Result) bool { return res.ID == c.by })]
			if res.Failure == nil || len(res.Failure.Timeline) == 0 {
				t.Fatalf("%s: %s %s", res.ID, res.Verdict, res.Reason)
			}
			if c.proved == "no" && res.Failure.Proof != "" {
				t.Errorf("the proof is %q", res.Failure.Proof)
			}
			same(t, res.Failure.Timeline, packets)
			if p := res.Failure.Passing; p != nil {
				same(t, p.Timeline, packets)
			}
			raw(t, res.Failure, packets)
		})
	}
}

// of returns the payloads of the connection whose timeline this is.
func of(t *testing.T, timeline []report.Event, packets map[string][]payload) []payload {
	t.Helper()
	client, _, _ := strings.Cut(string(timeline[0].Text.Text), " to ")
	all, ok := packets[client]
	if !ok {
		t.Fatalf("no packet came from %q", client)
	}
	return all
}

// streams are the bytes of each side.
func streams(all []payload) (client, server []byte) {
	for _, p := range all {
		if p.server {
			server = append(server, p.bytes...)
		} else {
			client = append(client, p.bytes...)
		}
	}
	return client, server
}

func same(t *testing.T, timeline []report.Event, packets map[string][]payload) {
	t.Helper()
	all := of(t, timeline, packets)
	client, server := streams(all)
	var sent, came int
	for i, e := range timeline {
		n := int(e.Count)
		switch e.Kind {
		case "send":
			if len(client) < sent+n || !bytes.HasPrefix(client[sent:], e.Text.Text) {
				t.Fatalf("event %d: %d bytes %q are not what was sent behind %d of %d bytes", i, n, e.Text.Text, sent, len(client))
			}
			// What the timeline has come by now, the client's kernel had before this segment was sent.
			if had := before(all, sent); came > had {
				t.Errorf("event %d: %d bytes are shown to have come before the segment behind byte %d was sent, and %d had", i, came, sent, had)
			}
			sent += n
		case "receive":
			if len(server) < came+n || !bytes.HasPrefix(server[came:], e.Text.Text) {
				t.Fatalf("event %d: %d bytes %q are not what came behind %d of %d bytes", i, n, e.Text.Text, came, len(server))
			}
			came += n
		case "note":
			return
		}
	}
	if sent != len(client) {
		t.Errorf("%d bytes were sent, and %d are shown", len(client), sent)
	}
}

// before is how many bytes of the server's came before the segment that holds the client's n-th byte.
func before(all []payload, n int) (came int) {
	sent := 0
	for _, p := range all {
		if p.server {
			came += len(p.bytes)
		} else if sent += len(p.bytes); sent > n {
			break
		}
	}
	return came
}

// raw has the bytes that a failure keeps be those of the packets.
func raw(t *testing.T, f *report.Failure, packets map[string][]payload) {
	t.Helper()
	client, server := streams(of(t, f.Timeline, packets))
	for i, r := range f.Raw {
		from := &client
		if r.From == "server" {
			from = &server
		}
		if int(r.Total) > len(*from) || !bytes.HasPrefix(*from, r.Bytes) {
			t.Fatalf("bytes %d: %s sent %d bytes %q, and not these", i, r.From, r.Total, r.Bytes)
		}
		*from = (*from)[r.Total:]
	}
	if f.Began.IsZero() || f.Machine == nil {
		t.Errorf("it began at %v, on a machine %+v", f.Began, f.Machine)
	}
}
