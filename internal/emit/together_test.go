package emit_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/streamspec/streamspec/internal/emit"
)

// programs are the Go programs that the tests run: they are compiled together, into one binary, since linking each by itself
// takes longer than all else that the tests do.
func programs() (sources [][]byte) {
	all := []emit.Reproduction{cutLine(), longLine(), conversation(), abort(), hereLine(), everyByte(), sideBySide(), oneAfterAnother(), titled()}
	for _, expect := range expectations {
		all = append(all, reset(expect), judged(expect))
	}
	for _, r := range all {
		var source bytes.Buffer
		if err := emit.Go(&source, r); err != nil {
			panic(err)
		}
		sources = append(sources, source.Bytes())
		if r.Title == judgedTitle {
			sources = append(sources, patient(source.Bytes()))
		}
	}
	return sources
}

// patient is a program that waits for a minute where it would wait for a moment: what a server does comes in time then, however
// busy the machine is.
func patient(source []byte) []byte {
	for _, wait := range [][2]string{{"timeout = 5000 *", "timeout = 60000 *"}, {"quiet   = 500 *", "quiet   = 60000 *"}, {"TIMEOUT = 5 ", "TIMEOUT = 60 "}, {"QUIET = 0.5 ", "QUIET = 60 "}} {
		source = bytes.Replace(source, []byte(wait[0]), []byte(wait[1]), 1)
	}
	if n := bytes.Count(source, []byte("= 60")); n != 2 {
		panic(fmt.Sprintf("%d waits were made longer, and not 2:\n%s", n, source))
	}
	return source
}

// together is the folder of the binary that all Go programs are compiled into.
var together string

func TestMain(m *testing.M) {
	var err error
	if together, err = os.MkdirTemp("", "emit"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(together)
	os.Exit(status)
}

// binary is the test binary that holds all Go programs, and the name of the program of each source in it. Each program is a
// package of one module, and the module's one test calls that which the environment names.
var binary = sync.OnceValues(func() (file string, names map[string]string) {
	files, names := map[string][]byte{}, map[string]string{}
	var imports, calls strings.Builder
	for i, source := range programs() {
		name := fmt.Sprintf("program%d", i)
		names[string(source)] = name
		files[name+"/repro.go"] = source
		fmt.Fprintf(&imports, "\t%s %q\n", name, "repro/"+name)
		fmt.Fprintf(&calls, "\t\t%q: %s.TestReproduction,\n", name, name)
	}
	files["repro_test.go"] = fmt.Appendf(nil, "package repro\n\nimport (\n\t\"os\"\n\t\"testing\"\n\n%s)\n\n"+
		"func TestReproduction(t *testing.T) {\n\tmap[string]func(*testing.T){\n%s\t}[os.Getenv(\"REPRO\")](t)\n}\n", &imports, &calls)
	if err := goModule(together, files); err != nil {
		panic(err)
	}
	file = filepath.Join(together, "repro.test")
	if status, out := play(context.Background(), together, goEnv, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-o", file, "."); status != 0 {
		panic(fmt.Sprintf("the programs do not compile: status %d\n%s", status, out))
	}
	return file, names
})

// goProgram is the command that runs the Go program of that source, which is that of one of programs.
func goProgram(t *testing.T, source []byte) (command []string, dir string, env []string) {
	t.Helper()
	tool(t, "go")
	file, names := binary()
	name := names[string(source)]
	if name == "" {
		t.Fatalf("programs does not have this one:\n%s", source)
	}
	return []string{file}, t.TempDir(), []string{"REPRO=" + name}
}
