//go:build rates

package targets

import "testing"

// FuzzEmpty does nothing, in the same program as the other targets: what they
// are measured by.
func FuzzEmpty(f *testing.F) {
	f.Add([]byte("line"))
	f.Fuzz(func(*testing.T, []byte) {})
}
