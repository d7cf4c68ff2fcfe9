// Package servers judges servers that people run, and says where the suite's
// verdicts differ from what is known of them. Each server is a file of the folder list.
package servers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
)

// A Server is one that the suite is held against: a real one, an adapter, or a known-bad control.
type Server struct {
	Name     string        `yaml:"-"`        // of its file
	Title    string        `yaml:"title"`    // what the table calls it
	Packages []string      `yaml:"packages"` // Debian's, that have its programs
	Install  string        `yaml:"install"`  // a script that installs what no package has into the first folder of PATH
	Tools    []string      `yaml:"tools"`    // the programs that must be on PATH, and files by their whole path
	Version  string        `yaml:"version"`  // the command that prints its version, run by a shell
	Dialect  string        `yaml:"dialect"`  // of the suite; a file of the folder exchanges, or a preset
	Command  []string      `yaml:"command"`  // its words; {port}, {host}, {run} and {adapters} are what they say
	Files    files         `yaml:"files"`    // written into the folder {run}, with {port}, {host} and {run} in them
	Build    string        `yaml:"build"`    // a script that is run once, in the folder of the files
	Prepare  string        `yaml:"prepare"`  // a script that is run in {run} before each start
	Quick    bool          `yaml:"quick"`    // judged for every change
	Brief    bool          `yaml:"brief"`    // its framing is judged for every change: there for its preset
	Control  bool          `yaml:"control"`  // known to be wrong, and there to show that the suite says so
	Serial   bool          `yaml:"serial"`   // serves one client at a time
	Skip     string        `yaml:"skip"`     // requirements that are not judged, as with --skip
	Because  string        `yaml:"because"`  // why they are not
	Timeout  time.Duration `yaml:"timeout"`  // as with --timeout
	Waivers  []Waiver      `yaml:"waivers"`  // all that is known to be wrong with it
	HTTP     *HTTP         `yaml:"http"`     // how it is judged by the dialect http1; nil where it is not
	only     string        // requirements that are judged, as with --only; "" is all
	options  service.Options
}

type files map[string]string

// A Waiver is a fault that the server has, with its reason: from its source or its documentation, or seen by hand without the
// suite. What is waived must fail: a waiver that passes is wrong.
type Waiver struct {
	IDs     []string       `yaml:"ids"`     // the requirements that one reason explains
	Verdict report.Verdict `yaml:"verdict"` // fail where it is left out
	Reason  string         `yaml:"reason"`
}

// Load reads every server of a folder, sorted by name. The error names the file, and what is wrong with it.
func Load(dir fs.FS) ([]Server, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, err
	}
	var all []Server
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		s := Server{Name: strings.TrimSuffix(path.Base(name), ".yaml")}
		if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("there are no servers")
	}
	return all, nil
}

// framing are the requirements by which it shows whether a preset knows where the answers of a server begin and end: messages whole, cut at
// every byte, together, each awaited when it is due, and of every length. By how they are cut beside that it shows no better.
var framing = []string{"FRAM-1", "FRAM-2", "FRAM-4", "FRAM-9", "FRAM-12"}

// Framing returns the server as one that is judged by these alone.
func (s Server) Framing() Server {
	s.only = strings.Join(framing, ",")
	s.Waivers = waived(s.Waivers, func(id string) bool { return slices.Contains(framing, id) })
	return s
}

// waived returns waivers with those ids alone that are judged.
func waived(all []Waiver, judged func(id string) bool) []Waiver {
	all = slices.Clone(all)
	for i, w := range all {
		all[i].IDs = slices.DeleteFunc(slices.Clone(w.IDs), func(id string) bool { return !judged(id) })
	}
	return all
}

// check completes the defaults, and says what is missing.
func (s *Server) check() error {
	switch {
	case s.Title == "":
		return errors.New("it wants a title")
	case s.Dialect == "" && s.HTTP == nil:
		return errors.New("it wants a dialect, or http")
	case len(s.Command) == 0:
		return errors.New("it wants a command")
	case (s.Skip == "") != (s.Because == ""):
		return errors.New("what is skipped wants because, the reason; and a reason something that is skipped")
	}
	seen := map[string]bool{}
	for i := range s.Waivers {
		w := &s.Waivers[i]
		if w.Verdict == "" {
			w.Verdict = report.Fail
		}
		if len(w.IDs) == 0 || w.Reason == "" {
			return errors.New("a waiver wants ids and a reason")
		}
		if err := waivable(w.Verdict, w.IDs, seen); err != nil {
			return err
		}
	}
	if s.HTTP == nil {
		return nil
	}
	return s.HTTP.check()
}

// waivable says why no waiver of these requirements can be for the verdict, and notes them in seen; nil where it can.
func waivable(v report.Verdict, ids []string, seen map[string]bool) error {
	if !slices.Contains([]report.Verdict{report.Fail, report.Warn, report.Inconclusive}, v) {
		return fmt.Errorf("a waiver cannot be for the verdict %s", v)
	}
	for _, id := range ids {
		if _, ok := suite.Lookup(id); !ok || seen[id] {
			return fmt.Errorf("a waiver is for %s, which is no requirement or was waived before", id)
		}
		seen[id] = true
	}
	return nil
}

// Missing returns the first of the server's programs that this machine does not have, with the package that has it; "" when it has all.
func (s *Server) Missing() string {
	for _, tool := range s.Tools {
		_, err := exec.LookPath(tool)
		if path.IsAbs(tool) { // a file that no shell runs, such as a library
			_, err = os.Stat(tool)
		}
		if err != nil {
			where := "ci/servers/run installs it"
			if len(s.Packages) > 0 {
				where = "the Debian package " + strings.Join(s.Packages, " or ") + " has it"
			}
			return fmt.Sprintf("there is no %s on this machine: %s", tool, where)
		}
	}
	return ""
}

// made is when the files of all servers were made.
var made = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// write puts the server's files into dir, where the script start finds them.
func (s *Server) write(dir string) error {
	all := map[string]string{}
	for name, text := range s.Files {
		all[name] = text
	}
	if s.Prepare != "" {
		all["prepare"] = s.Prepare
	}
	for name, text := range all {
		if !fs.ValidPath(name) {
			return fmt.Errorf("%s is no name for a file of %s", name, s.Name)
		}
		file := path.Join(dir, "files", name)
		if err := os.MkdirAll(path.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(file, made, made); err != nil { // of which servers tell
			return err
		}
	}
	return os.MkdirAll(path.Join(dir, "files"), 0o755)
}
