package targets

import (
	"testing"

	"github.com/streamspec/streamspec/suite/dialect"
)

// FuzzScript plays sessions of the dialect script.
func FuzzScript(f *testing.F) {
	for _, input := range []string{
		"", "\n", "READ 5\nhelloREADLINE\n  caf\u00e9\r\nSEND\n", "ATEND\nREAD 9\nabc", "WRITE a\nCLOSE\n",
		"BYTES 00ff\nSEND\n\n", "BYTES  00 ff\nSEND\n\n", "READLINE 4\n\U0001f600SEND\n", "RAISE\n", "READ 16777217\n",
	} {
		f.Add([]byte(input), uint64(0))
		f.Add([]byte(input), uint64(1))
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		if len(input) > mostBytes {
			return
		}
		if err := session(dialect.Script{}, input, seed); err != nil {
			t.Fatal(err)
		}
	})
}
