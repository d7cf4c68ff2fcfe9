package report_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/streamspec/streamspec/suite/report"
)

// What streamspec run --json has written is read back, and looked through.
func ExampleReadJSON() {
	text := `{"schema": "streamspec/1", "tool": {"name": "streamspec", "version": "1"}, "target": {"name": "127.0.0.1:7000", "kind": "address", "address": "127.0.0.1:7000", "serial": false, "cuts": "confirmed"},
		"dialect": "echo", "seed": 1, "strict": false, "started": "2026-11-29T12:00:00Z", "duration_ms": 900, "interrupted": false,
		"summary": {"pass": 1, "fail": 1, "warn": 0, "info": 0, "skip": 0, "inconclusive": 0}, "cuts": {"made": 6, "confirmed": 6},
		"conclusion": "not conformant", "sentence": "not conformant: 1 of 2 MUST broken (FRAM-2)", "first": "FRAM-2",
		"results": [
			{"id": "FRAM-1", "family": "FRAM", "level": "MUST", "title": "the whole request in one segment", "verdict": "pass", "cases": 2, "cuts": {"made": 0, "confirmed": 0}, "duration_ms": 1},
			{"id": "FRAM-2", "family": "FRAM", "level": "MUST", "title": "cut in two at every byte", "verdict": "fail", "reason": "the server closed the connection after 1 of the answer's 4 bytes", "cases": 3, "cuts": {"made": 6, "confirmed": 6}, "duration_ms": 5}
		]}`
	r, err := report.ReadJSON(strings.NewReader(text))
	if err != nil {
		log.Fatal(err)
	}
	for _, result := range r.Results {
		if result.Verdict == report.Fail {
			fmt.Printf("%s %s: %s\n", result.ID, result.Title, result.Reason)
		}
	}
	// Output: FRAM-2 cut in two at every byte: the server closed the connection after 1 of the answer's 4 bytes
}
