package fuzzer

import "math/rand/v2"

// A Source makes the choices of a plan. [math/rand/v2.Rand] is one; a property-based test's draws are another.
type Source interface {
	// IntN returns a number from 0 to n-1; n is above 0.
	IntN(n int) int
}

// Seeded returns the source of the plan of that number among those of a seed.
func Seeded(seed, number uint64) Source { return rand.New(rand.NewPCG(seed, number)) }

// one is true once in n times.
func one(src Source, n int) bool { return src.IntN(n) == n-1 }

// pick returns one of the choices; what is listed first is the simplest.
func pick[T any](src Source, choices []T) T { return choices[src.IntN(len(choices))] }

// weighted returns the index of one of the weights, each as likely as it is heavy.
func weighted(src Source, weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := src.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// seed64 returns a seed for a long piece.
func seed64(src Source) uint64 { return uint64(src.IntN(1 << 30)) }
