package judge

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// TestCutMap: which part of a session its cuts tell from the other, where each has places enough. W is a cut that changes the answer.
func TestCutMap(t *testing.T) {
	for cuts, want := range map[string]struct{ header, body int }{
		"WWW...": {4, 0}, "WW...": {3, 0}, "WWW..": {0, 0}, "W.....": {0, 0}, "WWW..W": {0, 0}, "WWWWWW": {0, 0},
		"...WWW": {0, 4}, "...WW": {0, 0}, "..WWWW": {0, 0}, "...WW.": {0, 4}, "...W.W": {0, 0}, "......": {0, 0}, "": {0, 0},
	} {
		var m cutMap
		for _, c := range cuts {
			m.wrong = append(m.wrong, c == 'W')
		}
		if got := m.header(); got != want.header {
			t.Errorf("%s: a header of %d bytes, want %d", cuts, got, want.header)
		}
		if got := m.body(); got != want.body {
			t.Errorf("%s: a body behind %d bytes, want %d", cuts, got, want.body)
		}
	}
}

// readsLate waits before each read.
type readsLate struct {
	conn
	by time.Duration
}

func (c readsLate) Read(p []byte) (int, error) {
	time.Sleep(c.by)
	return c.conn.Read(p)
}

// TestReadingIsMeasured: a server that is slow to read has cuts that wait for it.
func TestReadingIsMeasured(t *testing.T) {
	virtually(t, "slow", func(t *testing.T) {
		const late = 200 * time.Millisecond
		r, err := Open(t.Context(), inMemory(t, near(), "line", reference.Config{}, func(c conn) net.Conn { return readsLate{c, late} }))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Server.Patience.Cut; got < 4*late {
			t.Errorf("a cut waits for %s, and the server reads after %s", got, late)
		}
	})
}

// TestFilesByTheirNames: a file of exchanges ends in .yaml or .yml, wherever it is.
func TestFilesByTheirNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "a.yml"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(askFile), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadExchange(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := ReadExchange(filepath.Join(dir, "a.json")); err == nil || !strings.Contains(err.Error(), "ends in .yaml or .yml") {
		t.Error(err)
	}
}
