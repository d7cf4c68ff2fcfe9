package judge

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"al.essio.dev/pkg/shellescape"
	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/realtime"
)

// TestQuote: a real shell reads back every word as it was, in a folder with
// names that a pattern would match.
func TestQuote(t *testing.T) {
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
			script.WriteString(" " + shellescape.Quote(w))
		}
		cmd := exec.CommandContext(realtime.Bounded(t), sh, "-c", script.String())
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
		if got := shellescape.Quote(plain); got != plain {
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
