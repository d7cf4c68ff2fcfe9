package selftest

import (
	"slices"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/dialect"
)

// TestExchanged: what an exchange file shows is judged by it, over a server that speaks what the file says.
func TestExchanged(t *testing.T) {
	f, err := file()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(f.Messages, func(m exchange.Message) bool { _, _, grows := m.Send.Grows(); return grows && m.Forgets }) {
		t.Errorf("%s has no part that grows and is forgotten", f.Protocol)
	}
	n := 0
	for _, s := range Subjects() {
		if s.judged() == nil {
			t.Errorf("%s is judged by nothing", s)
		}
		switch _, model := dialect.Lookup(s.Serves()); {
		case !model && s.Dialect != service.Name:
			t.Errorf("%s serves %s", s, s.Serves())
		case s.Dialect != Exchanged && s.Serves() != s.Dialect:
			t.Errorf("%s serves %s", s, s.Serves())
		case s.Dialect == Exchanged:
			n++
		}
	}
	if n < 3 {
		t.Errorf("%d servers are judged by a file", n)
	}
	for _, f := range faulty.All() {
		if f.Exchanged && f.Dialects[0] != Spoken {
			t.Errorf("%s shows by a file, and its server does not speak %s first", f.Name, Spoken)
		}
	}
	for _, c := range faulty.Controls() {
		if c.Exchanged && c.Dialects[0] != Spoken {
			t.Errorf("%s shows by a file, and its server does not speak %s first", c.Name, Spoken)
		}
	}
	if (Subject{Dialect: "none"}).judged() != nil {
		t.Error("a dialect that is not there judges")
	}
	known := NewMatrix([]Outcome{{Name: "history-kept", Dialect: Exchanged, Kind: Fault, Requirement: "ROBU-2", First: "ROBU-2"}})
	if by := known.Contest([]string{"FRAM-1", "LINE-1"})(Subject{Name: "history-kept", Kind: Fault, Dialect: Exchanged, Requirement: "ROBU-2"}); !slices.Equal(by, []string{"FRAM-1", "ROBU-2"}) {
		t.Errorf("it is judged by %s", by)
	}
}
