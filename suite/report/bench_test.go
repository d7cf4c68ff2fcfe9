package report

import (
	"fmt"
	"io"
	"testing"
)

// BenchmarkConsole draws a report of 600 results, one in ten of which is broken, with text in many scripts.
func BenchmarkConsole(b *testing.B) {
	r := bigReport()
	for _, width := range []int{40, 120} {
		b.Run(fmt.Sprint(width), func(b *testing.B) {
			for b.Loop() {
				if err := WriteConsole(io.Discard, r, ConsoleOptions{Color: true, Width: width, Verbose: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// bigReport is a failing report many times over.
func bigReport() *Report {
	r := failingRun()
	results := r.Results
	r.Results = nil
	for i := range 600 {
		res := results[i%len(results)]
		res.ID = fmt.Sprintf("FRAM-%d", i)
		if i%3 == 0 {
			res.Title += " 日本語 é 😀"
		}
		r.Results = append(r.Results, res)
	}
	Conclude(r)
	return r
}
