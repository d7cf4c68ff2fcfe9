package target

import (
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-shellwords"

	"github.com/streamspec/streamspec/internal/patience"
)

// DefaultReady is how long a process may take until it listens, unless its launcher's options say.
const DefaultReady = patience.Ready

// defaultHost is where a server listens whose launcher's options leave it open.
const defaultHost = "127.0.0.1"

// LauncherOptions are the particulars of a launcher. The zero value is good.
type LauncherOptions struct {
	Host  string        // what {host} stands for and where to connect; 127.0.0.1 when empty
	Ready time.Duration // how long a process may take until it listens; DefaultReady when zero
	Grace time.Duration // how long it may take to end after SIGTERM; 3 s when zero
	Env   []string      // NAME=value, added to this process's environment
	Dir   string        // its working directory; this process's when empty
}

// Launcher knows how to start the server under test, any number of times. It
// holds no process: each one belongs to who started it.
type Launcher struct {
	name    string   // as the user gave it
	program string   // path of what is run
	args    []string // args[0] is the program as given
	env     []string // placeholders are replaced in its values, too
	options LauncherOptions
}

// NewLauncher splits a command into words as a shell would, without running
// one: quotes and backslashes are heeded, NAME=value words before the program
// go to its environment, and nothing is expanded. {port} must occur and is
// replaced, {host} may. All errors are *UsageError.
func NewLauncher(command string, o LauncherOptions) (*Launcher, error) {
	parser := shellwords.NewParser()
	parser.ParseEnv, parser.ParseBacktick = false, false
	env, args, err := parser.ParseWithEnvs(command)
	switch {
	case err != nil:
		return nil, usage(err, "the command %q cannot be split into words: close its quotes, and quote brackets and backslashes", command)
	case parser.Position >= 0:
		return nil, usage(nil, "no shell runs the command %q: quote ; & | < and > where they are meant literally, or call a shell (sh -c '…')", command)
	}
	return newLauncher(command, env, args, o)
}

// NewLauncherArgs is NewLauncher for a command that is already split into
// words; every word is taken literally but for {port} and {host}.
func NewLauncherArgs(args []string, o LauncherOptions) (*Launcher, error) {
	return newLauncher(strings.Join(args, " "), nil, args, o)
}

func newLauncher(name string, env, args []string, o LauncherOptions) (*Launcher, error) {
	if len(args) == 0 || args[0] == "" {
		return nil, usage(nil, "the command is empty: give the program that starts the server, and {port} where its port belongs")
	}
	if !strings.Contains(strings.Join(append(args[1:len(args):len(args)], env...), "\n"), "{port}") {
		return nil, usage(nil, "the command %q does not say where its port belongs: write {port} there", name)
	}
	for _, word := range append(args[:len(args):len(args)], env...) {
		if strings.ContainsRune(word, 0) {
			return nil, usage(nil, "the command %q has a NUL character in it: leave it out", name)
		}
	}
	program, err := lookUp(args[0], o.Dir)
	if err != nil {
		return nil, usage(err, "the program %q cannot be run (%v): check its name and its permission", args[0], reason(err))
	}
	if o.Host = strings.Trim(o.Host, "[]"); o.Host == "" {
		o.Host = defaultHost
	}
	if o.Ready <= 0 {
		o.Ready = DefaultReady
	}
	if o.Grace <= 0 {
		o.Grace = patience.Grace
	}
	o.Env = append([]string(nil), o.Env...)
	return &Launcher{
		name: name, program: program, options: o,
		args: append([]string(nil), args...),
		env:  append([]string(nil), env...),
	}, nil
}

// String returns the command as the user gave it.
func (l *Launcher) String() string { return l.name }

// Host returns what {host} stands for.
func (l *Launcher) Host() string { return l.options.Host }

// Ready returns how long a process may take until it listens.
func (l *Launcher) Ready() time.Duration { return l.options.Ready }

// Grace returns how long a process may take to end after SIGTERM.
func (l *Launcher) Grace() time.Duration { return l.options.Grace }

// lookUp finds a program as execvp would: in PATH, or where its path says,
// which is relative to the working directory that the process will have.
func lookUp(program, dir string) (string, error) {
	if dir != "" && filepath.Base(program) != program && !filepath.IsAbs(program) {
		program = filepath.Join(dir, program)
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// reason strips what the message around it says already.
func reason(err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// fill replaces the placeholders of one word. {host}:{port} together become an
// address, in which an IPv6 host has its brackets.
func fill(word, host string, port int) string {
	p := strconv.Itoa(port)
	return strings.NewReplacer(
		"{host}:{port}", net.JoinHostPort(host, p),
		"[{host}]:{port}", net.JoinHostPort(strings.Trim(host, "[]"), p),
		"{host}", host,
		"{port}", p,
	).Replace(word)
}
