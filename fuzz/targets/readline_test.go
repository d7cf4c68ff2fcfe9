package targets

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// FuzzReadLine reads lines of at most limit bytes until the input has ended: they
// are the oracle's, whether the input comes a byte at a time, cut as seed says, or
// through one of iotest's readers.
func FuzzReadLine(f *testing.F) {
	for i, whole := range []string{"", "\n", "\r\n", "a\r\nb\r\n", "a\u0085b\u2028c\n", "caf\u00e9\n"} {
		for seed := range uint64(5) {
			f.Add([]byte(whole), 65536, seed)
			f.Add([]byte(whole), i, seed|8)
		}
	}
	f.Fuzz(func(t *testing.T, whole []byte, limit int, seed uint64) {
		if len(whole) > mostBytes {
			return
		}
		var in io.Reader = &cuts{left: whole, state: seed}
		switch seed % 5 {
		case 0:
			in = &single{whole}
		case 1:
			in = iotest.HalfReader(bytes.NewReader(whole))
		case 2:
			in = iotest.DataErrReader(&single{whole})
		case 3:
			in = iotest.TimeoutReader(in)
		}
		h := over(in, reference.Config{LineLimit: limit})
		m := oracle.Whole(string(whole))
		read := func() (string, error) { return h.ReadLineLimit(limit) }
		if limit != 0 && seed&8 != 0 { // 0 stands for the default in a Config
			read = h.ReadLine
		}
		for line := 1; ; line++ {
			want, wantErr := m.ReadLine(limit)
			got, err := read()
			if errors.Is(err, iotest.ErrTimeout) {
				got, err = read()
			}
			if got != want || oracle.Kind(err) != wantErr {
				t.Fatalf("line %d of %q with a limit of %d: %s; want %s", line, whole, limit, result(got, err), result(want, wantErr))
			}
			if limit == 0 || wantErr == io.EOF || wantErr == oracle.ErrLimit {
				return
			}
		}
	})
}
