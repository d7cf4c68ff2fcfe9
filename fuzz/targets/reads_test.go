package targets

import (
	"io"
	"testing"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// FuzzReads mixes the reads, which share one buffer. Each byte of program is an
// operation and its number; ReadSome may return any beginning of what is left.
func FuzzReads(f *testing.F) {
	f.Add([]byte("hello\nworld"), []byte{2 << 2, 63<<2 | 1, 3<<2 | 2, 3}, uint64(1))
	f.Add([]byte("caf\u00e9"), []byte{4 << 2, 1 << 2}, uint64(2))
	f.Add([]byte("a\r\nb"), []byte{2<<2 | 1, 1}, uint64(3))
	f.Fuzz(func(t *testing.T, whole, program []byte, seed uint64) {
		if len(whole) > mostBytes || len(program) > 16 {
			return
		}
		var in io.Reader = &cuts{left: whole, state: seed}
		if seed%4 == 0 {
			in = &single{whole}
		}
		h := over(in, reference.Config{})
		m := oracle.Whole(string(whole))
		for i, op := range program {
			n := number(op >> 2)
			var got, want string
			var err, wantErr error
			switch op & 3 {
			case 0:
				want, wantErr = m.Read(n)
				got, err = h.Read(n)
			case 1:
				want, wantErr = m.ReadLine(n)
				got, err = h.ReadLineLimit(n)
			case 2:
				want, wantErr = m.ReadBytes(n)
				var b []byte
				b, err = h.ReadBytes(n)
				got = string(b)
			default:
				var b []byte
				b, err = h.ReadSome()
				got = string(b)
				want, wantErr = m.ReadSome(len(b))
			}
			if got != want || oracle.Kind(err) != wantErr {
				t.Fatalf("%q, operation %d of %v, number %d: %s; want %s", whole, i, program, n, result(got, err), result(want, wantErr))
			}
		}
	})
}

// number is the number of an operation: most are small.
func number(b byte) int {
	switch b {
	case 60:
		return -1
	case 61:
		return reference.DefaultReadLimit + 1
	case 62:
		return reference.DefaultReadLimit
	case 63:
		return reference.DefaultLineLimit
	}
	return int(b)
}
