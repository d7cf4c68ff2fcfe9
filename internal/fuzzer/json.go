package fuzzer

import (
	"encoding/json"
	"io"

	"github.com/streamspec/streamspec/suite/report"
)

// Schema names the version of the JSON result.
const Schema = "streamspec-fuzz/1"

// jsonFailure is a failure as JSON carries it.
type jsonFailure struct {
	Requirement string         `json:"requirement"`
	Problem     string         `json:"problem"`
	Plan        string         `json:"plan"` // its text
	Clients     int            `json:"clients"`
	Cuts        int            `json:"cuts"`
	Bytes       int            `json:"bytes"`
	Failed      int            `json:"failed"` // of Runs plays
	Runs        int            `json:"runs"`
	Plans       int            `json:"plans"` // that were played when it was found
	Deliveries  int            `json:"deliveries"`
	Seen        int            `json:"seen"`
	Died        bool           `json:"died"`
	File        string         `json:"file,omitempty"`
	Evidence    report.Failure `json:"evidence"`
}

// WriteJSON writes the result as one JSON object: {"schema":"streamspec-fuzz/1", …}.
func (r *Result) WriteJSON(w io.Writer) error {
	out := struct {
		Schema      string        `json:"schema"`
		Seed        uint64        `json:"seed"`
		Conclusion  string        `json:"conclusion"`
		Sentence    string        `json:"sentence"`
		ElapsedMS   float64       `json:"elapsed_ms"`
		Plans       int           `json:"plans"`
		Cuts        report.Cuts   `json:"cuts"`
		Confirms    bool          `json:"confirms"`
		Failures    []jsonFailure `json:"failures"`
		Unexplained int           `json:"unexplained"`
		Late        int           `json:"late"`
		Kept        int           `json:"kept"`
		Restarts    int           `json:"restarts"`
		Interrupted bool          `json:"interrupted"`
		Trouble     string        `json:"trouble,omitempty"`
		Notes       []string      `json:"notes,omitempty"`
	}{
		Schema: Schema, Seed: r.Seed, Conclusion: string(r.Conclusion()), Sentence: r.Verdict(),
		ElapsedMS: float64(r.Elapsed.Microseconds()) / 1000, Plans: r.Plans, Cuts: r.Cuts, Confirms: r.Confirms, Failures: []jsonFailure{},
		Unexplained: r.Unexplained, Late: r.Late, Kept: r.Kept, Restarts: r.Restarts, Interrupted: r.Interrupted, Trouble: r.Trouble, Notes: r.Notes,
	}
	for _, f := range r.Failures {
		out.Failures = append(out.Failures, jsonFailure{
			Requirement: f.Requirement, Problem: f.Problem, Plan: f.Plan.String(), Clients: len(f.Plan.Clients), Cuts: f.Plan.Cuts(), Bytes: f.Plan.Len(),
			Failed: f.Failed, Runs: f.Runs, Plans: f.After, Deliveries: f.Deliveries, Seen: f.Seen, Died: f.Died, File: f.File, Evidence: f.Evidence,
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
