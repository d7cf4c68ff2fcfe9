package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
	"pgregory.net/rapid"
)

func TestSelect(t *testing.T) {
	count := func(keep func(Requirement) bool) (ids []string) {
		for _, r := range Catalogue() {
			if keep(r) {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	family := func(names ...string) []string {
		return count(func(r Requirement) bool { return slices.Contains(names, r.Family()) })
	}
	level := func(word string) []string {
		return count(func(r Requirement) bool { return string(r.Level) == word })
	}
	for _, c := range []struct {
		expr string
		want []string
	}{
		{"FRAM-2", []string{"FRAM-2"}},
		{"fram-2", []string{"FRAM-2"}},
		{" FRAM-2 , Line-10 ", []string{"FRAM-2", "LINE-10"}},
		{"FRAM-2,FRAM-2", []string{"FRAM-2"}},
		{"FRAM", family("FRAM")},
		{"read,LINE", family("READ", "LINE")},
		{"FRAM-*", family("FRAM")},
		{"F*", family("FRAM", "FLOW")},
		{"LINE-1*", []string{"LINE-1", "LINE-10"}},
		{"*-1", count(func(r Requirement) bool { return strings.HasSuffix(r.ID, "-1") })},
		{"LINE-[12]", []string{"LINE-1", "LINE-2"}},
		{"LINE-?", count(func(r Requirement) bool { return r.Family() == "LINE" && r.ID != "LINE-10" })},
		{"*", count(func(Requirement) bool { return true })},
		{"READ-2..4", []string{"READ-2", "READ-3", "READ-4"}},
		{"read-2..read-4", []string{"READ-2", "READ-3", "READ-4"}},
		{"READ-5..99", []string{"READ-5", "READ-6"}},
		{"LINE-9..10", []string{"LINE-9", "LINE-10"}},
		{"LIFE-1..1", []string{"LIFE-1"}},
		{"must", level("MUST")},
		{"SHOULD", level("SHOULD")},
		{"May", []string{"LINE-8", "SEND-7"}},
	} {
		set, err := Select(c.expr)
		if err != nil {
			t.Errorf("Select(%q): %v", c.expr, err)
			continue
		}
		got := count(func(r Requirement) bool { return set[r.ID] })
		if !slices.Equal(got, c.want) || len(got) != len(set) || len(got) == 0 {
			t.Errorf("Select(%q) = %q of %d, want %q", c.expr, got, len(set), c.want)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for expr, want := range map[string]string{
		"FARM-2":                    `unknown requirement "FARM-2": did you mean FRAM-2?`,
		"FRAM-22":                   `unknown requirement "FRAM-22": did you mean FRAM-2?`,
		"LIN":                       `unknown requirement "LIN": did you mean LINE?`,
		"shuld":                     `unknown requirement "shuld": did you mean SHOULD?`,
		"FRAM-2,CLOSE":              `unknown requirement "CLOSE": did you mean CLOS?`,
		"FRAM-2,,LINE":              `unknown requirement "": it is one of MUST, SHOULD, MAY`,
		"":                          `unknown requirement "": it is one of MUST, SHOULD, MAY`,
		"FRAM-5..2":                 `unknown requirement "FRAM-5..2"`,
		"FRAM-1..READ":              `unknown requirement "FRAM-1..READ"`,
		"2..5":                      `unknown requirement "2..5"`,
		"FRAM-2..5x":                `unknown requirement "FRAM-2..5x"`,
		"FRAM-[":                    `unknown requirement "FRAM-["`,
		"%d-1..2":                   `unknown requirement "%d-1..2"`,
		"a\nb\x1b[31mc":             `unknown requirement "a\nb\x1b[31mc"`,
		strings.Repeat("x", 100000): `unknown requirement "` + strings.Repeat("x", 64) + `…": it is one of`,
	} {
		set, err := Select(expr)
		var config *ConfigError
		if !errors.As(err, &config) || set != nil {
			t.Errorf("Select(%.40q) = %v, %v: no *ConfigError", expr, set, err)
		} else if !strings.HasPrefix(config.Text, want) || strings.ContainsAny(config.Text, "\n\r\x1b") || len(config.Text) > 400 {
			t.Errorf("Select(%.40q) says %q, want %q in one line", expr, config.Text, want)
		}
	}
}

// TestSelectAnything: no expression panics; one that is taken selects something
// that exists, and one that is refused is refused in one short line.
func TestSelectAnything(t *testing.T) {
	word := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[A-Za-z]{0,6}-?[0-9]{0,4}(\.\.[A-Z]{0,5}-?[0-9]{0,4})?`),
		rapid.StringMatching(`[A-Z%*?\[\]\\^\- .0-9]{0,12}`),
		rapid.SampledFrom(selectable()),
	)
	rapid.Check(t, func(t *rapid.T) {
		expr := strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), ",")
		set, err := Select(expr)
		if err != nil {
			var config *ConfigError
			if !errors.As(err, &config) || strings.ContainsAny(config.Text, "\n\r") || len(config.Text) > 600 {
				t.Fatalf("Select(%q) says %q", expr, err)
			}
			return
		}
		if len(set) == 0 {
			t.Fatalf("Select(%q) selects nothing and is no error", expr)
		}
		for id := range set {
			if _, ok := Lookup(id); !ok {
				t.Fatalf("Select(%q) selects %q", expr, id)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	known := []string{"echo", "greet", "line", "script"}
	for word, want := range map[string]string{
		"ech": "echo", "Echo": "echo", "ehco": "echo", "scrip": "script", "lines": "line", "great": "greet", "skript": "script",
		"": "", "x": "", "http1": "", "zzzzzzzz": "", strings.Repeat("line", 100): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
	if got := Nearest("echo", nil); got != "" {
		t.Errorf("of nothing, %q is the nearest", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.String().Draw(t, "word")
		words := rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "known")
		if got := Nearest(word, words); got != "" && !slices.Contains(words, got) {
			t.Fatalf("Nearest(%q, %q) = %q", word, words, got)
		}
		if text := Unknown("word", word, words); strings.ContainsAny(text, "\n\r") && !strings.ContainsAny(strings.Join(words, ""), "\n\r") {
			t.Fatalf("Unknown(%q) is more than a line: %q", word, text)
		}
	})
}

func TestConfigDefaults(t *testing.T) {
	var cfg Config
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if cfg.Dialect != "script" || cfg.Timeout != 2*time.Second || cfg.Seed != 0 {
		t.Errorf("the defaults are %q, %s, %d", cfg.Dialect, cfg.Timeout, cfg.Seed)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want string // "" is no error
	}{
		{"nothing", Config{}, ""},
		{"each dialect", Config{Dialect: "greet"}, ""},
		{"an unknown dialect", Config{Dialect: "ehco"}, `unknown dialect "ehco": did you mean echo?`},
		{"a dialect in capitals", Config{Dialect: "ECHO"}, `unknown dialect "ECHO": did you mean echo?`},
		{"the shortest timeout", Config{Timeout: MinTimeout}, ""},
		{"the longest timeout", Config{Timeout: MaxTimeout}, ""},
		{"a shorter timeout", Config{Timeout: MinTimeout - 1}, "the timeout must be between 50ms and 1m0s, not 49.999999ms"},
		{"a longer timeout", Config{Timeout: MaxTimeout + 1}, "the timeout must be between 50ms and 1m0s, not 1m0.000000001s"},
		{"a negative timeout", Config{Timeout: -time.Second}, "the timeout must be between 50ms and 1m0s, not -1s"},
		{"the most workers", Config{Workers: MaxWorkers}, ""},
		{"more workers", Config{Workers: MaxWorkers + 1}, "the number of workers must be at most 64, not 65"},
		{"fewer than no workers", Config{Workers: -1}, "the number of workers must be at most 64, not -1"},
		{"a selection", Config{Only: "FRAM", Skip: "FRAM-2..8"}, ""},
		{"an unknown requirement", Config{Only: "FARM-2"}, `unknown requirement "FARM-2": did you mean FRAM-2?`},
		{"an unknown requirement left out", Config{Skip: "SENT"}, `unknown requirement "SENT": did you mean SEND?`},
		{"all left out", Config{Skip: "*"}, "the selection is empty: nothing of it can be shown in the dialect script"},
		{"each other's opposite", Config{Only: "FRAM", Skip: "MUST"}, "the selection is empty: nothing of it can be shown in the dialect script"},
		{"what the dialect cannot show", Config{Dialect: "echo", Only: "SEND,LINE-1"}, "the selection is empty: nothing of it can be shown in the dialect echo"},
		{"the largest seed", Config{Seed: math.MaxUint64}, ""},
	} {
		err := c.cfg.Validate()
		var config *ConfigError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &config) || config.Text != c.want):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if n := c.cfg.Count(); (n > 0) != (c.want == "") {
			t.Errorf("%s: counts %d requirements", c.name, n)
		}
	}
}

// TestConfigIsCheckedFirst: a configuration that cannot be meant is refused
// before the target is looked for, by Run too.
func TestConfigIsCheckedFirst(t *testing.T) {
	for _, cfg := range []Config{{Dialect: "ehco"}, {Only: "FARM"}, {Timeout: time.Nanosecond}} {
		cfg.Addr = "no address at all"
		_, err := Run(t.Context(), cfg)
		if config := (*ConfigError)(nil); !errors.As(err, &config) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	_, err := Run(t.Context(), Config{Addr: "no address at all"})
	if usage := (*target.UsageError)(nil); !errors.As(err, &usage) {
		t.Errorf("an address that is none: %v", err)
	}
}

// TestSelected: what is selected is in the order of the contract, and only what
// the dialect can show.
func TestSelected(t *testing.T) {
	for _, c := range []struct{ dialect, only, skip, want string }{
		{"script", "SEND-2,FRAM-1", "", "FRAM-1 SEND-2"},
		{"echo", "FRAM-6..8", "", "FRAM-7 FRAM-8"},
		{"line", "LINE-5..7", "LINE-7", "LINE-5"},
		{"greet", "*-7", "", "FRAM-7"},
	} {
		d, _ := dialect.Lookup(c.dialect)
		all, err := (&Config{Only: c.only, Skip: c.skip}).selected(d)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		var ids []string
		for _, r := range all {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%+v selects %s", c, got)
		}
	}
}

// TestShellWord: a real shell reads back every word as it was, in a folder with
// names that a pattern would match.
func TestShellWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	dir := t.TempDir()
	for _, name := range []string{"ab", "x=1", "server.py"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words := func(words []string) []string {
		var script strings.Builder
		script.WriteString(`printf '%s\0'`)
		for _, w := range words {
			script.WriteString(" " + ShellWord(w))
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, sh, "-c", script.String())
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME=/home/of/nobody", "a=b")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return []string{fmt.Sprintf("%v: %q", err, out)}
		}
		return strings.Split(string(bytes.TrimSuffix(out, []byte{0})), "\x00")
	}
	table := []string{
		"plain", "", " ", "a b", "'", "''", `a'b`, `"`, `\`, `\\n`, "$HOME", "$(echo x)", "`echo x`", "a;b", "a&b", "a|b", "<a", ">b",
		"*", "?", "~", "#x", "!x", "{a,b}", "127.0.0.1:7000", "[::1]:7000", "[ab]", "localhost:7", "a\nb", "a\tb", "é日😀", "-n", "x=y",
		"python3 server.py {port}", "sh -c 'exec nc -l {port}'", "\x01\x7f", "\xff\xfe",
	}
	if got := words(table); !slices.Equal(got, table) {
		t.Errorf("the shell read\n%q\nof\n%q", got, table)
	}
	for _, plain := range []string{"127.0.0.1:7000", "reference", "/usr/bin/a-b_c.d"} {
		if got := ShellWord(plain); got != plain {
			t.Errorf("%s was written as %s", plain, got)
		}
	}
	drawn := rapid.Custom(func(t *rapid.T) string {
		return strings.ReplaceAll(rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("ab '\"\\$`*?[]{}~#!&|;<>()=%\n\t-^,.:@+")))).Draw(t, "word"), "\x00", "")
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(drawn, 1, 40).Draw(t, "words")
		if got := words(all); !slices.Equal(got, all) {
			t.Fatalf("the shell read %q of %q", got, all)
		}
	})
}
