package web

import (
	"cmp"
	"slices"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// Dialect is the name of what the servers speak.
const Dialect = "http1"

// A Fault is a server with one mistake. A right server that looks odd is one without Requirement and Mistake.
type Fault = plant.Fault

// Faults returns the faults, sorted by name.
func Faults() []Fault {
	return sorted(hreqFaults, hfldFaults, hlenFaults, hchkFaults, hconFaults, hsemFaults, smugFaults)
}

// Odd returns the right servers that look odd, sorted by name.
func Odd() []Fault { return sorted(oddServers) }

// Constant returns the servers that give everybody the same, or nothing, sorted by name. None must pass any requirement.
func Constant() []Fault { return sorted(constantServers) }

// Right is the right server, as a session of a reference.TCPServer.
func Right() reference.Dialect { return server.Right().Serve }

// NewServer returns the server of one of Faults, Odd or Constant. It serves a TCP address by ServeForever, and a listener that is open
// already, one in memory too, by Serve. Of cfg, the Handler and Listen are its own.
func NewServer(f Fault, cfg reference.Config) *plant.Server {
	return plant.NewServer(f.Plant, Dialect, Right(), cfg)
}

func sorted(groups ...[]Fault) []Fault {
	all := slices.Concat(groups...)
	for i := range all {
		all[i].Dialects = []string{Dialect}
	}
	slices.SortFunc(all, func(a, b Fault) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// by plants a change of the right server's seams.
func by(change func(*server.Seams)) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		s := server.Right()
		s.Changes = changes
		change(s)
		changes.Session = func(reference.Dialect) reference.Dialect { return s.Serve }
	}
}

// composed plants a change of answers.
func composed(change func(r *server.Request, a *server.Answer)) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.Composed = func(_ *server.Conn, r *server.Request, a *server.Answer) { change(r, a) }
	})
}
