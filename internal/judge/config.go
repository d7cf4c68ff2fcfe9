// Package judge runs the suite: the gate finds out what the server is like, the runner runs the cases, and verdicts are drawn from
// what they found. It is one line from the configuration to the report; all doors to the suite are views of it.
package judge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/internal/waiver"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Config says what to judge, and how. Its fields are those of suite.Config, which documents them, and some of our own.
type Config struct {
	Target     *target.Target
	Addr       string
	PID        int
	Dialect    string
	Seed       uint64
	Timeout    time.Duration
	Only, Skip string
	Strict     bool
	Workers    int
	Clients    int
	Reader     func(io.ReadWriter) bench.Reader
	Version    string
	Again      func(requirement string) string
	Progress   Progress
	Known      waiver.Known // what is known to be broken, and may be for now

	// Speaks is the dialect itself; where it is not nil, Dialect is just its name.
	Speaks dialect.Dialect
	// Exchange is an exchange file that was read; where it is not nil, Dialect is just its name.
	Exchange *exchange.File
	// Adds is what is added to the exchange file or preset that Dialect names.
	Adds exchange.Additions
	// HTTP is what is not to be learned of a server that speaks http1.
	HTTP service.Options
	// Confirm is how cuts are confirmed; the default looks at the server's end where that can be seen.
	Confirm delivery.Mode
	// Connect makes the connections to the target; nil is delivery.Dial.
	Connect delivery.Dialer
	// Figures looks at the target's process; nil is kernel.Observe.
	Figures func(pid int) (kernel.Figures, error)
	// Launcher starts servers like the target; nil is the target's own.
	Launcher player.Launcher
	// Restart starts the target again; nil is the target's own.
	Restart func(context.Context) error
}

// Progress hears how a run goes on.
type Progress interface {
	Start(id string)
	Done(report.Result)
}

// MostClients is the most that can be said of how many clients a server takes at once: more than any case makes.
const MostClients = 1_000_000

// MaxWorkers is the most cases that run beside one another.
const MaxWorkers = 64

// ConfigError says that a configuration cannot be meant: the call is wrong.
type ConfigError struct{ Text string }

// Error returns the text, one sentence.
func (e *ConfigError) Error() string { return e.Text }

func configError(format string, args ...any) *ConfigError {
	return &ConfigError{fmt.Sprintf(format, args...)}
}

// check completes the defaults, and refuses what cannot be meant.
func (c *Config) check() (dialect.Dialect, error) {
	if c.Dialect == "" {
		c.Dialect = "script"
	}
	d, err := c.spoken()
	if err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = patience.Default
	}
	if c.Timeout < patience.Least || c.Timeout > patience.Most {
		return nil, configError("the timeout must be between %s and %s, not %s", patience.Least, patience.Most, c.Timeout)
	}
	if c.Workers < 0 || c.Workers > MaxWorkers {
		return nil, configError("the number of workers must be at most %d, not %d", MaxWorkers, c.Workers)
	}
	if c.Clients < 0 || c.Clients > MostClients {
		return nil, configError("the number of clients that the server takes at once must be from 1 to %d, not %d", MostClients, c.Clients)
	}
	return d, nil
}

// spoken finds the dialect. An exchange file is read once.
func (c *Config) spoken() (dialect.Dialect, error) {
	if !c.HTTP.Empty() && (c.Speaks != nil || c.Exchange != nil || c.Dialect != service.Name) {
		return nil, configError("--path, --post-path, --echo-path, --header, --body-limit and --close-wait say something of a server that speaks %s: give --dialect %s, or leave them out", service.Name, service.Name)
	}
	if c.Speaks != nil {
		return c.Speaks, unusable(c.Speaks)
	}
	if c.Dialect == service.Name && c.Exchange == nil {
		if !c.Adds.Empty() {
			return nil, configError("--mask, --limit and --set go with an exchange file or a preset: the dialect %s is neither", service.Name)
		}
		d, err := service.NewDialect(c.HTTP)
		if err != nil {
			return nil, &ConfigError{err.Error()}
		}
		return d, nil
	}
	if c.Exchange == nil {
		if d, ok := dialect.Lookup(c.Dialect); ok && c.Adds.Empty() {
			return d, nil
		} else if ok {
			return nil, configError("--mask, --limit and --set go with an exchange file or a preset: the dialect %s is neither", d.Name())
		}
		f, _, err := ReadExchange(c.Dialect, c.Adds.Values...)
		if err == nil {
			err = c.Adds.To(f)
		}
		if err != nil {
			return nil, &ConfigError{err.Error()}
		}
		c.Exchange = f
	}
	return exchange.New(c.Exchange, c.Dialect), nil
}

// unusable refuses a dialect of the caller's own whose sessions cannot be sent, or not judged: what every case takes for granted.
func unusable(d dialect.Dialect) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = configError("the dialect cannot be used: it panicked when asked for its sessions: %v", v)
		}
	}()
	for _, of := range []struct {
		method   string
		sessions []dialect.Session
	}{
		{"Plain", []dialect.Session{d.Plain("a")}}, {"Ending", []dialect.Session{d.Ending("a")}},
		{"Cuttable", d.Cuttable()}, {"Controls", d.Controls()},
	} {
		if len(of.sessions) == 0 {
			return configError("the dialect %s cannot be used: %s returns no session", d.Name(), of.method)
		}
		for _, s := range of.sessions {
			switch {
			case len(s.Request) == 0:
				return configError("the dialect %s cannot be used: %s returns a session without a request", d.Name(), of.method)
			case len(s.Answers) == 0:
				return configError("the dialect %s cannot be used: %s returns a session without a right answer", d.Name(), of.method)
			}
		}
	}
	return nil
}

// ReadExchange reads the exchange file of that name, which ends in .yaml or .yml, or the preset ("preset:redis"), and
// returns it and its text. What is set, as NAME=VALUE, takes the place of values of the file. The error says what is wrong with the name,
// the file, or what is set.
func ReadExchange(name string, set ...string) (f *exchange.File, text []byte, err error) {
	if preset, ok := strings.CutPrefix(name, "preset:"); ok {
		if text, ok = exchange.Preset(preset); !ok {
			return nil, nil, errors.New(hint.Unknown("preset", preset, exchange.Presets()))
		}
	} else if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" && strings.ContainsAny(name, `./\`) {
		return nil, nil, fmt.Errorf("%q is no dialect, and the name of an exchange file ends in .yaml or .yml", hint.Clipped(name))
	} else if _, ok := exchange.Preset(name); ok {
		return nil, nil, fmt.Errorf("unknown dialect %q: did you mean preset:%s?", name, name)
	} else if ext == "" {
		return nil, nil, errors.New(hint.Unknown("dialect", name, slices.Concat(dialect.Names(), []string{service.Name}, presetNames())))
	} else if text, err = exchange.ReadFile(name); err != nil {
		return nil, nil, err
	}
	f, err = exchange.Parse(name, text, set...)
	return f, text, err
}

func presetNames() []string {
	var names []string
	for _, n := range exchange.Presets() {
		names = append(names, "preset:"+n)
	}
	return names
}

// selected returns the requirements that the configuration asks for, in the
// order of the contract. Requirements that the dialect cannot show are left out.
func (c *Config) selected(d dialect.Dialect) ([]contract.Requirement, error) {
	only, skip := contract.Selection(nil), contract.Selection{}
	var err error
	if c.Only != "" {
		if only, err = contract.Select(c.Only); err != nil {
			return nil, &ConfigError{err.Error()}
		}
	}
	if c.Skip != "" {
		if skip, err = contract.Select(c.Skip); err != nil {
			return nil, &ConfigError{err.Error()}
		}
	}
	var all []contract.Requirement
	for _, r := range rules.Shows(d) {
		if (only == nil || only[r.ID]) && !skip[r.ID] {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil, configError("the selection is empty: nothing of it can be shown in the dialect %s", d.Name())
	}
	return all, nil
}

// Validate returns a *ConfigError when the configuration cannot be meant, before anything is sent.
func (c *Config) Validate() error {
	_, err := c.Selected()
	return err
}

// Selected returns the requirements that the configuration selects. Its error is a *ConfigError.
func (c *Config) Selected() ([]contract.Requirement, error) {
	d, err := c.check()
	if err != nil {
		return nil, err
	}
	return c.selected(d)
}

// AddingWords are additions as a shell reads them.
func AddingWords(a exchange.Additions) (words []string) {
	for _, m := range a.Masks {
		words = append(words, "--mask", shellescape.Quote(m))
	}
	for _, l := range a.Limits {
		words = append(words, "--limit", shellescape.Quote(l))
	}
	for _, v := range a.Values {
		words = append(words, "--set", shellescape.Quote(v))
	}
	return words
}

// HTTPWords are options of http1 as a shell reads them.
func HTTPWords(o service.Options) (words []string) {
	for _, one := range []struct{ flag, value string }{{"--path", o.Path}, {"--post-path", o.PostPath}, {"--echo-path", o.EchoPath}} {
		if one.value != "" {
			words = append(words, one.flag, shellescape.Quote(one.value))
		}
	}
	for _, f := range o.Fields {
		words = append(words, "--header", shellescape.Quote(f))
	}
	if o.BodyLimit != 0 {
		words = append(words, "--body-limit", fmt.Sprint(o.BodyLimit))
	}
	if o.CloseWait != 0 {
		words = append(words, "--close-wait", o.CloseWait.String())
	}
	return words
}

// again is the command line that shows a requirement again.
func (c *Config) again(t *target.Target) func(string) string {
	return func(requirement string) string {
		words := []string{"streamspec run"}
		switch t.Kind {
		case target.KindExec:
			words = append(words, "--exec", shellescape.Quote(t.Name))
		case target.KindReference:
			words = append(words, t.Name) // with its fault, where it has one
		default:
			words = append(words, shellescape.Quote(t.Name))
		}
		if c.Dialect != "script" {
			words = append(words, "--dialect", shellescape.Quote(c.Dialect))
		}
		words = append(words, AddingWords(c.Adds)...)
		words = append(words, HTTPWords(c.HTTP)...)
		if c.PID != 0 {
			words = append(words, "--pid", fmt.Sprint(c.PID))
		}
		if c.Clients != 0 {
			words = append(words, "--clients", fmt.Sprint(c.Clients))
		}
		return strings.Join(append(words, "--seed", fmt.Sprint(c.Seed), "--only", requirement), " ")
	}
}
