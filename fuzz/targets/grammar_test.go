package targets

import (
	"math/rand/v2"
	"testing"
)

// FuzzHTTP1Grammar holds what the grammar of HTTP/1.1 says of the requests that it draws against the reference.
func FuzzHTTP1Grammar(f *testing.F) {
	for seed := range uint64(300) {
		src := rand.New(rand.NewPCG(1, seed))
		choice := make([]byte, 8+src.IntN(40))
		for i := range choice {
			choice[i] = byte(src.IntN(256))
		}
		f.Add(choice)
	}
	f.Fuzz(func(t *testing.T, choice []byte) {
		if err := drawHTTP(choice); err != nil {
			t.Fatal(err)
		}
	})
}
