//go:build unix

package target

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNewLauncherSplitsAsAShellWould(t *testing.T) {
	for _, c := range []struct {
		command   string
		args, env []string
	}{
		{`sh {port}`, []string{"sh", "11000"}, nil},
		{`sh --listen={host}:{port} "two words" ''`, []string{"sh", "--listen=127.0.0.1:11000", "two words", ""}, nil},
		{`sh -c 'exec nc -l {port}; echo $HOME "x"' a\ b`, []string{"sh", "-c", `exec nc -l 11000; echo $HOME "x"`, "a b"}, nil},
		{`sh $HOME {port} $(id)`, []string{"sh", "$HOME", "11000", "$(id)"}, nil},
		{"sh `id` {port}", []string{"sh", "`id`", "11000"}, nil},
		{`PORT={port} MODE='a b' sh -x`, []string{"sh", "-x"}, []string{"PORT=11000", "MODE=a b"}},
		{`sh {port} {port}{port} {other}`, []string{"sh", "11000", "1100011000", "{other}"}, nil},
	} {
		l, err := NewLauncher(c.command, LauncherOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.command, err)
			continue
		}
		var args, env []string
		for _, w := range l.args {
			args = append(args, fill(w, l.Host(), 11000))
		}
		for _, w := range l.env {
			env = append(env, fill(w, l.Host(), 11000))
		}
		if !slices.Equal(args, c.args) || !slices.Equal(env, c.env) {
			t.Errorf("%s\n gives %q %q\n want  %q %q", c.command, env, args, c.env, c.args)
		}
		if l.String() != c.command {
			t.Errorf("%s is called %s", c.command, l)
		}
	}
}

func TestNewLauncherRefusesWhatCannotRun(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ command, says string }{
		{``, "empty"},
		{`   `, "empty"},
		{`"" {port}`, "empty"},
		{`sh -c 'x {port}`, "close its quotes"},
		{`sh "{port}`, "close its quotes"},
		{`sh {port} \`, "close its quotes"},
		{`sh (a) {port}`, "quote brackets"},
		{`sh 8080`, "{port}"},
		{`sh {PORT} {host}`, "{port}"},
		{`{port}`, "{port}"},
		{`sh {port} | cat`, "sh -c"},
		{`sh {port} > log`, "sh -c"},
		{`sh {port} && sh`, "sh -c"},
		{`sh {port};`, "sh -c"},
		{"sh {port} a\x00b", "NUL"},
		{`no-such-program-anywhere {port}`, "no-such-program-anywhere"},
		{`/no/such/program {port}`, "/no/such/program"},
		{plain + ` {port}`, "permission"},
		{filepath.Dir(plain) + ` {port}`, "cannot be run"},
	} {
		_, err := NewLauncher(c.command, LauncherOptions{})
		var usage *UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%q: %T %v, want a UsageError", c.command, err, err)
		} else if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %q does not say %q in one line", c.command, err, c.says)
		}
	}
}

func TestNewLauncherArgsTakesWordsLiterally(t *testing.T) {
	args := []string{"sh", "a b", `"`, "$X;{host}", "{port}"}
	l, err := NewLauncherArgs(args, LauncherOptions{Host: "[::1]"})
	if err != nil {
		t.Fatal(err)
	}
	args[0] = "changed afterwards"
	if want := []string{"sh", "a b", `"`, "$X;{host}", "{port}"}; !slices.Equal(l.args, want) {
		t.Errorf("args are %q, want %q", l.args, want)
	}
	if _, err := NewLauncherArgs(nil, LauncherOptions{}); !errors.As(err, new(*UsageError)) {
		t.Errorf("no words: %v", err)
	}
}

func TestFillBracketsIPv6(t *testing.T) {
	for word, want := range map[string]string{
		"{host}:{port}":        "[::1]:80",
		"[{host}]:{port}":      "[::1]:80",
		"-h={host} -p={port}":  "-h=::1 -p=80",
		"tcp://{host}:{port}/": "tcp://[::1]:80/",
		"{ho{port}st}":         "{ho80st}",
	} {
		if got := fill(word, "::1", 80); got != want {
			t.Errorf("%s becomes %s, want %s", word, got, want)
		}
	}
}

func TestProgramIsLookedUpWhereItWillRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "server"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := NewLauncher("./server {port}", LauncherOptions{Dir: dir}); err != nil {
		t.Error(err)
	}
	if _, err := NewLauncher("./server {port}", LauncherOptions{}); err == nil {
		t.Error("found without its folder")
	}
}
