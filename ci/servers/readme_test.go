package servers_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadme holds that README's table has the servers that are judged for every change, as table.md has them.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("table.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{} // server and dialect to the row that README should have
	for row := range strings.Lines(string(table)) {
		if cells := strings.Split(row, " | "); len(cells) == 5 {
			found[cells[0]+" | "+cells[2]] = cells[0] + " | " + cells[2] + " | " + cells[3] + " |\n"
		}
	}
	for _, s := range load(t) {
		if !s.Quick {
			continue
		}
		row := found["| "+s.Title+" | "+s.Dialect]
		if row == "" {
			t.Errorf("table.md has no %s, %s", s.Title, s.Dialect)
		} else if !strings.Contains(string(readme), row) {
			t.Errorf("README does not say\n%s", row)
		}
	}
}
