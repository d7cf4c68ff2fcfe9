package exchange

import (
	"embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

//go:embed presets/*.yaml
var presets embed.FS

// Presets returns the names of the exchange files that are built in, sorted.
func Presets() []string {
	entries, _ := presets.ReadDir("presets") // it is built in
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Preset returns the text of the exchange file that is built in under a name.
func Preset(name string) (text []byte, ok bool) {
	text, err := presets.ReadFile("presets/" + name + ".yaml")
	return text, err == nil
}

// ReadFile returns the text of an exchange file. The error says what is wrong with it; more than [MostFile] bytes are not read.
func ReadFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the exchange file cannot be read: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MostFile+1))
	if err != nil {
		return nil, fmt.Errorf("the exchange file cannot be read: %w", err)
	}
	return text, nil
}
