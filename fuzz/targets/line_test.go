package targets

import (
	"testing"

	"github.com/streamspec/streamspec/suite/dialect"
)

// FuzzLine plays sessions of the dialects line, echo and greet, as seed says.
func FuzzLine(f *testing.F) {
	for _, input := range []string{"", "\n", "a\n", "a\r\nb", "caf\u00e9\r\n\r\nb\n", "\xff\n", "\n\xff\n", " \t\v\f\r\n", "a\u0085\n"} {
		for seed := range uint64(16) {
			f.Add([]byte(input), seed)
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		if len(input) > mostBytes {
			return
		}
		d := [...]dialect.Model{dialect.Line{}, dialect.Echo{}, dialect.Line{}, dialect.Greet{}}[seed/4%4]
		if err := session(d, input, seed); err != nil {
			t.Fatal(err)
		}
	})
}
