package http1_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadme: the server that README shows is the one of the package's own text.
func TestReadme(t *testing.T) {
	read := func(file, from, to, indent string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, behind, found := strings.Cut(string(text), from)
		block, _, ends := strings.Cut(behind, to)
		if !found || !ends {
			t.Fatalf("%s does not have what is between %q and %q", file, from, to)
		}
		return strings.TrimSpace(strings.ReplaceAll("\n"+block, "\n"+indent, "\n"))
	}
	readme := read("../../README.md", "## An HTTP server in ten lines", "\n```\n", "")
	_, readme, _ = strings.Cut(readme, "```go\n")
	if doc := read("doc.go", "segments.\n//\n", "\n//\n", "//\t"); readme != strings.TrimPrefix(doc, "//\t") {
		t.Errorf("README shows\n%s\nand doc.go\n%s", readme, doc)
	}
}
