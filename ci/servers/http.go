package servers

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
)

// HTTP says how a server is judged by the dialect http1, and what is true of it then. What it leaves out is as the server's file
// says it of the server's other dialect, except skip, because and waivers.
type HTTP struct {
	Command []string     `yaml:"command"`
	Files   files        `yaml:"files"` // beside the server's, or in place of those of the same name
	Build   string       `yaml:"build"`
	Post    string       `yaml:"post"`    // as with --post-path
	Echo    string       `yaml:"echo"`    // as with --echo-path
	Quick   []string     `yaml:"quick"`   // the requirements that are judged for every change
	Skip    string       `yaml:"skip"`    // as with --skip
	Because string       `yaml:"because"` // why that is not judged
	Setup   string       `yaml:"setup"`   // what a reader of the table must know of how the server is set up
	Waivers []HTTPWaiver `yaml:"waivers"` // all that is known to be wrong with it
}

// An HTTPWaiver is what a server of HTTP breaks or is warned of. The argument is a sentence of the RFC with what the run saw, so
// that it needs no reason of its own.
type HTTPWaiver struct {
	IDs     []string       `yaml:"ids"`
	Verdict report.Verdict `yaml:"verdict"` // fail where it is left out
	By      []string       `yaml:"by"`      // the requirements whose sentences of the RFC argue it, where its own does not
	Remark  string         `yaml:"remark"`  // what a reader must know beside that
}

// check completes the defaults, and says what is missing.
func (h *HTTP) check() error {
	if (h.Skip == "") != (h.Because == "") {
		return errors.New("what is skipped under http wants because, the reason; and a reason something that is skipped")
	}
	if h.Setup == "" {
		return errors.New("http wants setup, what a reader must know of how the server is set up")
	}
	seen := map[string]bool{}
	for i := range h.Waivers {
		w := &h.Waivers[i]
		if w.Verdict == "" {
			w.Verdict = report.Fail
		}
		if len(w.IDs) == 0 {
			return errors.New("a waiver wants ids")
		}
		if err := waivable(w.Verdict, w.IDs, seen); err != nil {
			return err
		}
		for _, id := range w.Argued() {
			if rfc[id] == "" {
				return fmt.Errorf("%s is waived, and rfc.yaml has no sentence of the RFC for %s", strings.Join(w.IDs, ", "), id)
			}
		}
		if slices.ContainsFunc(w.IDs, general) && w.Remark == "" {
			return fmt.Errorf("the waiver of %s is for what no RFC says, and wants a remark, the reason", strings.Join(w.IDs, ", "))
		}
	}
	return nil
}

// general reports whether a requirement is one of every dialect, so that it is the contract's own and not the RFC's.
func general(id string) bool {
	r, _ := suite.Lookup(id)
	return len(r.Dialects) != 1 || r.Dialects[0] != service.Name
}

// Argued returns the requirements whose sentences of the RFC argue what is waived: none for those of every dialect.
func (w HTTPWaiver) Argued() []string {
	if len(w.By) > 0 {
		return w.By
	}
	return slices.DeleteFunc(slices.Clone(w.IDs), general)
}

// elsewhere is not judged by http1 here: what it says of a server's process, the dialect has no part in, and table.md has it.
const elsewhere = "LIFE"

// AsHTTP returns the server as one that is judged by the dialect http1. It must have http.
func (s Server) AsHTTP() Server {
	h := s.HTTP
	s.Dialect, s.options = service.Name, service.Options{PostPath: h.Post, EchoPath: h.Echo}
	s.Skip, s.Because, s.Waivers = strings.TrimSuffix(elsewhere+","+h.Skip, ","), h.Because, nil
	for _, w := range h.Waivers {
		s.Waivers = append(s.Waivers, Waiver{IDs: w.IDs, Verdict: w.Verdict, Reason: w.Remark})
	}
	all := files{}
	maps.Copy(all, s.Files)
	maps.Copy(all, h.Files)
	s.Files = all
	if h.Command != nil {
		s.Command = h.Command
	}
	if h.Build != "" {
		s.Build = h.Build
	}
	return s
}

// Options are what the dialect http1 is told of the server.
func (s *Server) Options() service.Options { return s.options }

// QuickHTTP is [Server.AsHTTP] of which no more is judged than what is for every change.
func (s Server) QuickHTTP() Server {
	s = s.AsHTTP()
	s.only, s.Skip = strings.Join(s.HTTP.Quick, ","), ""
	s.Waivers = waived(s.Waivers, func(id string) bool { return slices.Contains(s.HTTP.Quick, id) })
	return s
}

// again is the command that judges the server so.
func (s *Server) again() string {
	if s.Dialect == service.Name {
		return "ci/servers/run --http " + s.Name
	}
	return "ci/servers/run " + s.Name
}

//go:embed rfc.yaml
var rfcText []byte

// rfc has a sentence of the RFC, with where it stands, for each requirement of HTTP/1.1 that a server breaks.
var rfc = func() map[string]string {
	all := map[string]string{}
	if err := yaml.Unmarshal(rfcText, &all); err != nil {
		panic(err) // it is part of the program
	}
	return all
}()

// RFC returns the requirements for which there is a sentence of the RFC, with the sentence and where it stands.
func RFC() map[string]string { return maps.Clone(rfc) }
