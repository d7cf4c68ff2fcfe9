package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestFilesByTheirNames: a file of exchanges ends in .yaml or .yml, wherever it is.
func TestFilesByTheirNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "a.yml"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(judgetest.AskFile), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := judge.ReadExchange(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := judge.ReadExchange(filepath.Join(dir, "a.json")); err == nil || !strings.Contains(err.Error(), "ends in .yaml or .yml") {
		t.Error(err)
	}
}
