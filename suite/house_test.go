package suite_test

import (
	"bytes"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/streamspec/streamspec"

// root is the top of the checkout, seen from this package's folder.
const root = ".."

// testLibraries are for tests, and for the ginkgo door.
var testLibraries = []string{"github.com/onsi/ginkgo", "github.com/onsi/gomega", "pgregory.net/rapid", "github.com/santhosh-tekuri/jsonschema", "testing"}

// A rule is what the code of a package that is no test may import.
type rule struct {
	own     []string // packages of this module; a name with /... stands for all below it too
	foreign bool     // packages of other modules, test libraries left out
	tests   []string // those of the test libraries that it may have
	never   []string // packages of the standard library that it must not have, with all below them
}

// imports has a line for every package: a package without one fails the test.
var imports = map[string]rule{
	"reference":                         {},
	"reference/http1":                   {own: []string{"reference"}, never: []string{"net/http"}},
	"reference/faulty":                  {own: []string{"reference", "reference/faulty/internal/..."}},
	"reference/faulty/internal/conduct": {own: []string{"reference", "reference/faulty/internal/plant"}},
	"reference/faulty/internal/odd":     {own: []string{"reference", "reference/faulty/internal/plant"}},
	"reference/faulty/internal/plant":   {own: []string{"reference"}},
	"reference/faulty/internal/stream":  {own: []string{"reference", "reference/faulty/internal/plant"}},

	"reference/faulty/internal/web":        {own: []string{"reference", "reference/faulty/internal/plant", "reference/faulty/internal/web/server"}, never: []string{"net/http"}},
	"reference/faulty/internal/web/server": {own: []string{"reference", "reference/faulty/internal/plant"}, never: []string{"net/http"}},

	"suite/dialect":              {own: []string{"internal/match"}, never: []string{"net", "os", "syscall"}},
	"suite/target":               {own: []string{"internal/kernel", "internal/patience", "internal/show"}, foreign: true},
	"suite/report":               {own: []string{"internal/show"}, foreign: true, never: []string{"net", "syscall"}},
	"suite":                      {own: []string{"internal/bench", "internal/contract", "internal/dialects", "internal/http1/service", "internal/judge", "internal/patience", "internal/rules", "internal/waiver", "suite/dialect", "suite/report", "suite/target"}, tests: []string{"testing"}},
	"suite/ginkgosuite":          {own: []string{"internal/contract", "internal/dialects", "internal/hint", "internal/rules", "suite", "suite/report"}, tests: []string{"github.com/onsi/ginkgo"}},
	"internal/match":             {never: []string{"net", "os", "time", "syscall"}},
	"internal/show":              {never: []string{"net", "os", "time", "syscall"}},
	"internal/hint":              {foreign: true, never: []string{"net", "os", "syscall"}},
	"internal/patience":          {never: []string{"net", "os", "syscall"}},
	"internal/contract":          {own: []string{"internal/hint", "suite/report"}, never: []string{"net", "os", "time", "syscall"}},
	"internal/exchange/observed": {own: []string{"internal/match"}, never: []string{"net", "os", "time", "syscall"}},
	"internal/exchange/literal":  {never: []string{"net", "os", "time", "syscall"}},
	"internal/exchange/outline":  {foreign: true, never: []string{"net", "os", "syscall"}},
	"internal/exchange":          {own: []string{"internal/exchange/literal", "internal/exchange/observed", "internal/exchange/outline", "internal/match", "suite/dialect"}, foreign: true, never: []string{"net", "syscall"}},
	"internal/kernel":            {own: []string{"internal/patience"}, foreign: true},
	"internal/delivery/timeline": {never: []string{"net", "os", "syscall"}},
	"internal/delivery":          {own: []string{"internal/delivery/timeline", "internal/kernel", "internal/match"}, foreign: true},
	"internal/proof":             {own: []string{"internal/delivery/timeline", "internal/show", "suite/report"}, never: []string{"net", "os", "syscall"}},
	"internal/plan":              {own: []string{"internal/delivery", "internal/show", "suite/dialect"}, never: []string{"net", "syscall"}},
	"internal/finding":           {own: []string{"suite/report"}, never: []string{"net", "os", "syscall"}},
	"internal/player/limit":      {never: []string{"net", "os", "syscall"}},
	"internal/http1":             {own: []string{"internal/show"}, never: []string{"net", "net/http", "os", "syscall"}},
	"internal/http1/grammar":     {own: []string{"internal/http1", "internal/show"}, never: []string{"net", "net/http", "os", "syscall"}},
	"internal/player/due":        {own: []string{"internal/delivery", "internal/plan", "suite/dialect"}, never: []string{"net", "os", "syscall"}},
	"internal/player":            {own: []string{"internal/delivery", "internal/delivery/timeline", "internal/proof", "internal/exchange", "internal/finding", "internal/kernel", "internal/match", "internal/patience", "internal/plan", "internal/player/due", "internal/player/limit", "internal/show", "suite/dialect", "suite/report", "suite/target"}},
	"internal/bench/load":        {own: []string{"internal/kernel"}, never: []string{"net", "os", "syscall"}},
	"internal/bench":             {own: []string{"internal/bench/load", "internal/delivery", "internal/finding", "internal/kernel", "internal/patience", "internal/player", "internal/show", "suite/dialect", "suite/report", "suite/target"}},
	"internal/bench/acks":        {own: []string{"internal/bench", "internal/delivery", "internal/finding", "internal/patience", "internal/player"}},
	"internal/learning":          {own: []string{"internal/bench", "internal/delivery", "internal/exchange", "internal/finding", "internal/match", "internal/patience", "internal/player", "suite/dialect"}},
	"internal/http1/service":     {own: []string{"internal/delivery", "internal/exchange", "internal/finding", "internal/http1", "internal/patience", "internal/player", "internal/show", "suite/dialect"}, never: []string{"net/http"}},
	"internal/rules/web":         {own: []string{"internal/delivery", "internal/finding", "internal/http1", "internal/http1/service", "internal/patience", "internal/player", "internal/rules/web/ask"}, never: []string{"net/http"}},
	"internal/rules/web/ask":     {own: []string{"internal/bench", "internal/delivery", "internal/finding", "internal/http1", "internal/http1/service", "internal/patience", "internal/player"}, never: []string{"net/http"}},
	"internal/dialects":          {own: []string{"internal/exchange", "internal/http1/service", "suite/dialect"}},
	"internal/rules/process":     {own: []string{"internal/bench", "internal/bench/load", "internal/delivery", "internal/finding", "internal/kernel", "internal/patience", "internal/player", "suite/dialect"}},
	"internal/rules":             {own: []string{"internal/bench", "internal/bench/acks", "internal/contract", "internal/delivery", "internal/finding", "internal/http1/service", "internal/kernel", "internal/patience", "internal/player", "internal/rules/process", "internal/rules/web", "internal/rules/web/ask", "suite/dialect", "suite/report", "suite/target"}},
	"internal/signs":             {own: []string{"internal/delivery", "internal/plan", "suite/dialect", "suite/report"}},
	"internal/lives":             {own: []string{"internal/delivery", "internal/finding", "internal/patience", "internal/plan", "internal/player", "suite/dialect", "suite/report"}},
	"internal/judge":             {own: []string{"internal/bench", "internal/contract", "internal/delivery", "internal/exchange", "internal/finding", "internal/hint", "internal/http1/service", "internal/kernel", "internal/learning", "internal/lives", "internal/match", "internal/patience", "internal/plan", "internal/player", "internal/rules", "internal/waiver", "suite/dialect", "suite/report", "suite/target"}, foreign: true},
	"internal/selftest":          {own: []string{"internal/bench", "internal/contract", "internal/exchange", "internal/delivery", "internal/hint", "internal/http1/service", "internal/inmemory", "internal/judge", "internal/patience", "internal/rules", "reference", "reference/faulty", "suite/dialect", "suite/report", "suite/target"}},
	"internal/fuzzer":            {own: []string{"fuzz/coverage", "internal/contract", "internal/delivery", "internal/exchange", "internal/finding", "internal/fuzzer/web", "internal/http1/service", "internal/judge", "internal/patience", "internal/plan", "internal/player", "internal/player/due", "internal/show", "internal/signs", "suite/dialect", "suite/report", "suite/target"}, foreign: true},
	"internal/fuzzer/web":        {own: []string{"internal/contract", "internal/delivery", "internal/finding", "internal/http1", "internal/http1/grammar", "internal/http1/service", "internal/patience", "internal/plan", "internal/player", "internal/show", "suite/report"}, never: []string{"net/http"}},
	"internal/emit":              {own: []string{"internal/delivery", "internal/plan"}},
	"internal/pair":              {own: []string{"internal/http1", "internal/patience", "internal/show"}, never: []string{"net/http"}},
	"internal/output":            {own: []string{"internal/show"}},
	"internal/waiver":            {own: []string{"internal/exchange/outline", "internal/hint", "internal/show", "suite/report"}, foreign: true, never: []string{"net", "syscall"}},
	"internal/judgetest":         {own: []string{"internal/bench", "internal/delivery", "internal/exchange", "internal/inmemory", "internal/judge", "internal/player", "internal/realtime", "reference", "reference/faulty", "suite/report", "suite/target"}, tests: []string{"testing"}},
	"internal/judgetest/packets": {},
	"internal/realtime":          {tests: []string{"testing"}},
	"internal/relay":             {own: []string{"internal/patience"}},
	"internal/inmemory":          {own: []string{"internal/kernel"}},
	"internal/oracle":            {own: []string{"reference"}, never: []string{"net", "os", "time", "syscall"}},
	"fuzz":                       {own: []string{"internal/fuzzer", "internal/fuzzer/web", "internal/http1/service", "internal/judge", "suite", "suite/report", "suite/target"}},
	"fuzz/coverage":              {foreign: true},
	"fuzz/coverage/endpoint":     {},
	"fuzz/targets":               {own: []string{"internal/http1", "internal/http1/grammar", "internal/oracle", "reference", "reference/http1", "suite/dialect"}},
	"fuzz/rare":                  {own: []string{"fuzz/coverage/endpoint", "reference"}},
	"fuzz/rare/steps":            {own: []string{"fuzz/rare"}},
	"fuzz/rare/counts":           {own: []string{"fuzz/rare"}},
	"fuzz/rare/cuts":             {own: []string{"fuzz/rare"}},
	"cmd/streamspec":             {own: []string{"reference/...", "suite/...", "fuzz/...", "internal/..."}, foreign: true},
	"ci/servers":                 {own: []string{"internal/http1/service", "internal/judge", "internal/show", "suite/..."}, foreign: true},
	"ci/typecheck":               {foreign: true},
	"ci/unlike":                  {own: []string{"internal/relay", "reference"}},
	"ci/servers/judge":           {own: []string{"ci/servers", "internal/hint", "suite/..."}},
	"ci":                         {own: []string{"reference/...", "suite/...", "fuzz/...", "internal/..."}, foreign: true},
}

// forTests are the packages of the house that only tests import, and one another; and the selftest, which is a test too.
var forTests = []string{"internal/inmemory", "internal/judgetest", "internal/realtime"}

// allows says what of the rule an import breaks; "" is nothing.
func (r rule) allows(imported string) string {
	switch {
	case imported == module || strings.HasPrefix(imported, module+"/"):
		own := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
		for _, pattern := range r.own {
			if below, all := strings.CutSuffix(pattern, "/..."); own == pattern || all && under(own, below) {
				return ""
			}
		}
		return "a package of the house that it must know nothing of"
	case underAny(imported, testLibraries):
		if !underAny(imported, r.tests) {
			return "a library for tests"
		}
		return ""
	case strings.Contains(strings.SplitN(imported, "/", 2)[0], "."):
		if !r.foreign {
			return "not of the standard library"
		}
		return ""
	case underAny(imported, r.never):
		return "a part of the standard library that it must do without"
	}
	return ""
}

func under(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

func underAny(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return under(name, f) })
}

// sources calls visit for every Go file of the module that is no test, whatever system it is built for, with the folder of its
// package.
func sources(t *testing.T, visit func(pkg, file string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != root && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(dir), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestImports holds the import rules of the house.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	sources(t, func(pkg, file string) {
		r, ok := imports[pkg]
		if !ok {
			t.Errorf("%s: no rule says what %s may import: add one to the house's rules", file, pkg)
			return
		}
		seen[pkg] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := r.allows(imported); why != "" {
				t.Errorf("%s imports %s: %s", file, imported, why)
			}
			if slices.Contains(forTests, strings.TrimPrefix(imported, module+"/")) && !slices.Contains(forTests, pkg) && pkg != "internal/selftest" {
				t.Errorf("%s imports %s: a package for tests", file, imported)
			}
		}
	})
	for _, pkg := range []string{"reference", "reference/faulty", "suite", "suite/dialect", "internal/delivery", "suite/target", "suite/report", "suite/ginkgosuite", "internal/selftest", "cmd/streamspec"} {
		if !seen[pkg] {
			t.Errorf("no file of %s was read", pkg)
		}
	}
}

// TestSizes holds how large a file and a package may be: what is larger is in no head whole.
func TestSizes(t *testing.T) {
	const ofFile, ofPackage = 400, 3000 // lines
	lines := map[string]int{}
	sources(t, func(pkg, file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := bytes.Count(text, []byte("\n"))
		if n > ofFile {
			t.Errorf("%s has %d lines: divide it, so that none has more than %d", file, n, ofFile)
		}
		lines[pkg] += n
	})
	for pkg, n := range lines {
		if n > ofPackage {
			t.Errorf("the package %s has %d lines without its tests: divide it, so that none has more than %d", pkg, n, ofPackage)
		}
	}
	if lines["suite"] == 0 {
		t.Error("no line of suite was counted")
	}
}

// TestDependencies looks at all that a program is built from, through the
// packages of other modules too.
func TestDependencies(t *testing.T) {
	goTool := filepath.Join(build.Default.GOROOT, "bin", "go")
	if _, err := os.Stat(goTool); err != nil {
		if goTool, err = exec.LookPath("go"); err != nil {
			t.Skip("the go command is missing")
		}
	}
	for pkg, never := range map[string][]string{
		"suite":             testLibraries[:len(testLibraries)-1], // testing is what suite.Test is for
		"cmd/streamspec":    testLibraries[:len(testLibraries)-1],
		"suite/ginkgosuite": {"github.com/onsi/gomega", "pgregory.net/rapid", "github.com/santhosh-tekuri/jsonschema"},
		"suite/dialect":     {"net", "os/exec", "testing"},
		"suite/report":      {"net", "testing"},
		"reference":         {"testing"},
		"reference/faulty":  {"testing"},
		"reference/http1":   {"testing", "net/http"},
	} {
		cmd := exec.CommandContext(t.Context(), goTool, "list", "-deps", "./"+pkg)
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list -deps ./%s: %v", pkg, err)
		}
		deps := strings.Fields(string(out))
		if !slices.Contains(deps, module+"/"+pkg) {
			t.Fatalf("go list -deps ./%s does not list it: %q", pkg, out)
		}
		for _, dep := range deps {
			if underAny(dep, never) {
				t.Errorf("%s is built from %s", pkg, dep)
			}
			if under(pkg, "reference") && strings.Contains(strings.SplitN(dep, "/", 2)[0], ".") && !under(dep, module+"/reference") {
				t.Errorf("%s is built from %s", pkg, dep)
			}
		}
	}
}

// TestTopLevel looks at the names on the top level, of which git ignores some.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	ignored := []string{}
	if text, err := os.ReadFile(filepath.Join(root, ".gitignore")); err == nil {
		ignored = strings.Fields(string(text))
	}
	allowed := []string{"go.mod", "go.sum", "README.md", "LICENSE", "CONTRIBUTING.md", "reference", "suite", "internal", "fuzz", "cmd", "ci"}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(allowed, name) || slices.ContainsFunc(ignored, func(pattern string) bool {
			match, err := path.Match(strings.Trim(pattern, "/"), name)
			return err == nil && match
		}) {
			continue
		}
		t.Errorf("%s does not belong on the top level, which holds %s and dot files", name, strings.Join(allowed, ", "))
	}
}
