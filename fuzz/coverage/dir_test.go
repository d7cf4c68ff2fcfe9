package coverage_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/fuzz/coverage"
)

func TestReadDir(t *testing.T) {
	s := started(t, covered(t, "counts"), "")
	if _, err := coverage.ReadDir(s.dir); !errors.Is(err, coverage.ErrNoCounters) {
		t.Errorf("before its end: %v", err)
	}
	s.talk(t, "hello\n")
	s.stop(t)
	first, err := coverage.ReadDir(s.dir)
	if err != nil || len(first) == 0 {
		t.Fatalf("%d edges, %v: %s", len(first), err, s.stderr.String())
	}
	var m coverage.Map
	m.Add(first)
	again := started(t, covered(t, "counts"), "")
	for range 6 {
		again.talk(t, "hello\n", "hello\n")
	}
	again.stop(t)
	second, err := coverage.ReadDir(again.dir)
	if err != nil || m.Add(second) == 0 {
		t.Errorf("%d edges of a longer session, none new: %v", len(second), err)
	}
	copyFiles(t, s.dir, again.dir)
	both, err := coverage.ReadDir(again.dir)
	if err != nil || m.Add(both) != 0 || m.Len() != len(both) {
		t.Errorf("%d edges of both, want %d: %v", len(both), m.Len(), err)
	}
}

// copyFiles copies the counter files of a folder.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(from, "covcounters.*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%q, %v", names, err)
	}
	data, err := os.ReadFile(names[0])
	if err == nil {
		err = os.WriteFile(filepath.Join(to, filepath.Base(names[0])), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadDirRefuses(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("covmeta.x", []byte("no counters"))
	put("tmp.covcounters.x.1.1", []byte("not finished"))
	if err := os.Mkdir(filepath.Join(dir, "covcounters.folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := coverage.ReadDir(dir); !errors.Is(err, coverage.ErrNoCounters) {
		t.Errorf("no counters: %v", err)
	}
	put("covcounters.a.1.1", write(uleb, 1, some))
	if edges, err := coverage.ReadDir(dir); err != nil || len(edges) != 14 {
		t.Errorf("%d edges, %v", len(edges), err)
	}
	put("covcounters.b.1.1", write(uleb, 2, some))
	if _, err := coverage.ReadDir(dir); err == nil || !strings.Contains(err.Error(), "more than one build") {
		t.Errorf("two builds: %v", err)
	}
	put("covcounters.b.1.1", []byte("none"))
	if _, err := coverage.ReadDir(dir); err == nil || !strings.Contains(err.Error(), "covcounters.b.1.1: ") {
		t.Errorf("a file that is none: %v", err)
	}
	put("covcounters.b.1.1", make([]byte, coverage.MaxData+1))
	if _, err := coverage.ReadDir(dir); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a large file: %v", err)
	}
	if _, err := coverage.ReadDir(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}
