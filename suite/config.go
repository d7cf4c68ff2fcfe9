package suite

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Config says what to judge, and how. Target, or Addr, is needed; the rest has defaults.
type Config struct {
	// Target is where the server under test is. The caller closes it.
	Target *target.Target
	// Addr is used when Target is nil: "host:port", "[::1]:7" or a port.
	Addr string
	// PID is the process id of the server at Addr, where it is known and may be observed; 0 when not.
	PID int
	// Dialect is what the server speaks: "script" (the default), "line", "echo" or "greet"; the path of an exchange
	// file, which ends in .yaml or .yml; or "preset:" and the name of one that is built in.
	Dialect string
	// Exchange is the exchange file, read; where it is not nil, Dialect is just its name.
	Exchange *exchange.File
	// Seed decides all of the suite's random choices; the same seed makes the same cases. 0 is a seed like any other.
	Seed uint64
	// Timeout is how long to wait for an answer before asking again with three times this wait; 0 means 2 s. While a server
	// whose process is known is seen at work, it is waited for so long at once.
	Timeout time.Duration
	// Only and Skip select requirements by expression (see [Selection]); "" selects all and leaves out none.
	Only, Skip string
	// Strict makes a broken SHOULD a failure of the run.
	Strict bool
	// Workers is how many cases run beside one another, besides those that only wait. 0 means what the server
	// gains by: one where it answers at once, more the longer it takes to. One that serves one client at a time gets 1.
	Workers int
	// Reader gives the server's read operation, where the server is Go code in this process: it makes the
	// handler's reader over a stream. READ-3 can be shown through it alone.
	Reader func(io.ReadWriter) Reader
	// Confirm is how cuts are confirmed; the default looks at the server's end where that can be seen.
	Confirm delivery.Mode
	// Version is the suite's version, for the report.
	Version string
	// Again returns the command that shows a requirement again; nil means the command line's.
	Again func(requirement string) string
	// Progress hears of each requirement as it begins and ends; nil hears nothing. Its methods are called from several goroutines.
	Progress Progress
}

// A Reader reads n bytes and decodes them, as the contract's read does.
type Reader interface {
	Read(n int) (string, error)
}

// Progress hears how a run goes on.
type Progress interface {
	Start(id string)
	Done(report.Result)
}

// Limits of a configuration.
const (
	MinTimeout = 50 * time.Millisecond
	MaxTimeout = time.Minute
	MaxWorkers = 64
)

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
		c.Timeout = 2 * time.Second
	}
	if c.Timeout < MinTimeout || c.Timeout > MaxTimeout {
		return nil, &ConfigError{fmt.Sprintf("the timeout must be between %s and %s, not %s", MinTimeout, MaxTimeout, c.Timeout)}
	}
	if c.Workers < 0 || c.Workers > MaxWorkers {
		return nil, &ConfigError{fmt.Sprintf("the number of workers must be at most %d, not %d", MaxWorkers, c.Workers)}
	}
	return d, nil
}

// spoken finds the dialect. An exchange file is read once.
func (c *Config) spoken() (dialect.Dialect, error) {
	if c.Exchange == nil {
		if d, ok := dialect.Lookup(c.Dialect); ok {
			return d, nil
		}
		f, _, err := ReadExchange(c.Dialect)
		if err != nil {
			return nil, &ConfigError{err.Error()}
		}
		c.Exchange = f
	}
	return exchange.New(c.Exchange, c.Dialect), nil
}

// ReadExchange reads the exchange file of that name, which ends in .yaml or .yml, or the preset ("preset:redis"), and
// returns it and its text. The error says what is wrong with the name or the file.
func ReadExchange(name string) (f *exchange.File, text []byte, err error) {
	if preset, ok := strings.CutPrefix(name, "preset:"); ok {
		if text, ok = exchange.Preset(preset); !ok {
			return nil, nil, errors.New(Unknown("preset", preset, exchange.Presets()))
		}
	} else if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" && strings.ContainsAny(name, `./\`) {
		return nil, nil, fmt.Errorf("%q is no dialect, and the name of an exchange file ends in .yaml or .yml", clipped(name))
	} else if _, ok := exchange.Preset(name); ok {
		return nil, nil, fmt.Errorf("unknown dialect %q: did you mean preset:%s?", name, name)
	} else if ext == "" {
		return nil, nil, errors.New(Unknown("dialect", name, append(dialect.Names(), presetNames()...)))
	} else if text, err = exchange.ReadFile(name); err != nil {
		return nil, nil, err
	}
	f, err = exchange.Parse(name, text)
	return f, text, err
}

func presetNames() []string {
	var names []string
	for _, n := range exchange.Presets() {
		names = append(names, "preset:"+n)
	}
	return names
}

// again is the command line that shows a requirement again.
func (c *Config) again(t *target.Target) func(string) string {
	return func(requirement string) string {
		words := []string{"streamspec run"}
		switch t.Kind {
		case target.KindExec:
			words = append(words, "--exec", ShellWord(t.Name))
		case target.KindReference:
			words = append(words, t.Name) // with its fault, where it has one
		default:
			words = append(words, ShellWord(t.Name))
		}
		if c.Dialect != "script" {
			words = append(words, "--dialect", ShellWord(c.Dialect))
		}
		if c.PID != 0 {
			words = append(words, "--pid", fmt.Sprint(c.PID))
		}
		return strings.Join(append(words, "--seed", fmt.Sprint(c.Seed), "--only", requirement), " ")
	}
}

// ShellWord returns a word as a POSIX shell reads it: in quotes where it needs them.
func ShellWord(w string) string {
	if w != "" && strings.IndexFunc(w, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@+,=", r)
	}) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// ConfigError says that a configuration cannot be meant: the call is wrong.
type ConfigError struct{ Text string }

// Error returns the text, one sentence.
func (e *ConfigError) Error() string { return e.Text }

// Validate returns a *ConfigError when the configuration cannot be meant, before anything is sent.
func (c *Config) Validate() error {
	d, err := c.check()
	if err != nil {
		return err
	}
	_, err = c.selected(d)
	return err
}

// Count returns how many requirements the configuration selects; 0 when it is not valid.
func (c *Config) Count() int {
	d, err := c.check()
	if err != nil {
		return 0
	}
	all, err := c.selected(d)
	if err != nil {
		return 0
	}
	return len(all)
}
