package suite_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"
)

// thirdParty writes another module, which uses this checkout by a replace, into
// a temporary folder, and returns a function that runs the go command there.
// Nothing is downloaded: what this module is built from is there.
func thirdParty(t *testing.T) func(args ...string) ([]byte, error) {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is missing")
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "thirdparty"))); err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	// The versions are this module's, so that go.sum has them all.
	mod := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllLiteral(ours, []byte("module example.com/thirdparty"))
	mod = regexp.MustCompile(`(?m)^tool .*$`).ReplaceAllLiteral(mod, nil)
	mod = append(mod, "\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+strconv.Quote(checkout)+"\n"...)
	sum, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(args ...string) ([]byte, error) {
		ctx := realtime.Bounded(t)
		cmd := exec.CommandContext(ctx, goTool, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		cmd.WaitDelay = 10 * time.Second
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		if ctx.Err() != nil {
			t.Fatalf("go %q did not end: %s", args, out.String())
		}
		return out.Bytes(), err
	}
}

// tested is what go test -json says of one package.
type tested struct {
	action map[string]string // of each test that ended
	output map[string]string // of each test, and "" for the package
}

func events(t *testing.T, out []byte) map[string]tested {
	t.Helper()
	all := map[string]tested{}
	for line := range bytes.Lines(out) {
		var event struct{ Action, Package, Test, Output string }
		if json.Unmarshal(line, &event) != nil || event.Package == "" {
			continue
		}
		name := event.Package[strings.LastIndex(event.Package, "/")+1:]
		p, ok := all[name]
		if !ok {
			p = tested{map[string]string{}, map[string]string{}}
			all[name] = p
		}
		switch event.Action {
		case "output":
			p.output[event.Test] += event.Output
		case "pass", "fail", "skip":
			p.action[event.Test] = event.Action
		}
	}
	return all
}

// TestInAnotherModule uses both doors from another module, over servers that
// are right and servers that are wrong.
func TestInAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs another module's tests")
	}
	t.Parallel()
	goCommand := thirdParty(t)
	out, err := goCommand("test", "-json", "-count=1", "./...")
	if err == nil {
		t.Error("go test succeeds, and some of its servers are wrong")
	}
	all := events(t, out)
	plain, ginkgo := all["plain"], all["withginkgo"]
	if plain.action == nil || ginkgo.action == nil {
		t.Fatalf("go test says nothing of the packages: %s", out)
	}
	for name, want := range map[string]string{
		"TestEcho": "pass", "TestEcho/FRAM/FRAM-2": "pass", "TestEcho/ROBU/ROBU-6": "pass", "TestEcho/LIFE/LIFE-6": "skip",
		"TestLine": "pass", "TestLine/LINE/LINE-5": "pass", "TestLine/CODE/CODE-3": "pass",
		"TestEchoOnce": "fail", "TestEchoOnce/FRAM/FRAM-1": "pass", "TestEchoOnce/FRAM/FRAM-2": "fail", "TestEchoOnce/LIFE/LIFE-1": "pass",
		"TestLineOnce": "fail", "TestLineOnce/FRAM/FRAM-1": "pass", "TestLineOnce/FRAM/FRAM-2": "fail",
		"TestNothingThere": "fail", "TestMeaningless": "fail",
	} {
		if got := plain.action[name]; got != want {
			t.Errorf("%s: %q, want %q: %s", name, got, want, plain.output[name])
		}
	}
	evidence := plain.output["TestEchoOnce/FRAM/FRAM-2"]
	for _, text := range []string{"FRAM-2", "A request that comes in two segments", "expected", "a read is taken for a message", "go test -run '^TestEchoOnce$/^FRAM$/^FRAM-2$'"} {
		if !strings.Contains(evidence, text) {
			t.Errorf("the evidence does not say %q: %s", text, evidence)
		}
	}
	if text := plain.output["TestNothingThere"]; !strings.Contains(text, "streamspec: ") || !strings.Contains(text, "127.0.0.1:1") {
		t.Errorf("of a server that is not there it says %q", text)
	}
	if text := plain.output["TestMeaningless"]; !strings.Contains(text, "did you mean echo?") {
		t.Errorf("of an unknown dialect it says %q", text)
	}
	if ginkgo.action["TestServers"] != "fail" {
		t.Errorf("the ginkgo door: %q", ginkgo.action)
	}
	text := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllLiteralString(ginkgo.output["TestServers"], "")
	failed := regexp.MustCompile(`\[FAIL\] ([a-z ]+) FRAM framing \[It\] (FRAM-\d+)`).FindAllStringSubmatch(text, -1)
	var ids []string
	for _, f := range failed {
		if f[1] != "wrong" {
			t.Errorf("%s failed on the server that is %s", f[2], f[1])
		}
		ids = append(ids, f[2])
	}
	if !slices.Contains(ids, "FRAM-2") || slices.Contains(ids, "FRAM-1") {
		t.Errorf("of the wrong server %q failed: %s", ids, text)
	}
	if !strings.Contains(text, "did you mean echo?") || !strings.Contains(text, "ginkgo --focus 'FRAM-2 '") {
		t.Errorf("the output of the ginkgo door: %s", text)
	}
}

// TestFlagsInAnotherModule: the plain door brings none of ginkgo's flags, or rapid's.
func TestFlagsInAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds another module's tests")
	}
	goCommand := thirdParty(t)
	for pkg, want := range map[string]bool{"plain": false, "withginkgo": true} {
		binary := filepath.Join(t.TempDir(), pkg+".test")
		if runtime.GOOS == "windows" {
			binary += ".exe"
		}
		if out, err := goCommand("test", "-c", "-o", binary, "./"+pkg); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		help, _ := exec.CommandContext(t.Context(), binary, "-h").CombinedOutput() // its status says nothing
		text := string(help)
		if !strings.Contains(text, "test.run") {
			t.Fatalf("-h of %s says %s", pkg, text)
		}
		if got := strings.Contains(text, "ginkgo."); got != want {
			t.Errorf("%s has ginkgo's flags: %t", pkg, got)
		}
		if strings.Contains(text, "rapid.") || strings.Contains(text, "streamspec") {
			t.Errorf("%s has flags of its own: %s", pkg, text)
		}
	}
}

// TestAgain is the command that a failure names: go test selects the one requirement by it.
func TestAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs another module's tests")
	}
	t.Parallel()
	goCommand := thirdParty(t)
	out, err := goCommand("test", "-json", "-count=1", "-run", "^TestEchoOnce$/^FRAM$/^FRAM-2$", "./plain")
	plain := events(t, out)["plain"]
	if err == nil || plain.action["TestEchoOnce/FRAM/FRAM-2"] != "fail" {
		t.Errorf("%v: %s", err, out)
	}
	for name := range plain.action {
		if strings.Contains(name, "FRAM-") && !strings.HasSuffix(name, "FRAM-2") {
			t.Errorf("%s ran too", name)
		}
	}
}
