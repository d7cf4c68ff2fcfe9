package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/streamspec/streamspec/internal/show"
)

// readLimit bounds the JSON report that [ReadJSON] accepts.
const readLimit = 64 << 20

// WriteJSON writes r as the JSON report of version [Schema], indented, with a
// line end after it. Bytes that are not UTF-8 are kept in excerpts alone; in
// sentences and names they become U+FFFD.
func WriteJSON(w io.Writer, r *Report) error {
	out := *r
	out.Schema = Schema
	if out.Results == nil {
		out.Results = []Result{}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("the JSON report: %w", err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// ReadJSON reads one JSON report of at most 64 MiB. It refuses another version
// than [Schema], members it does not know, verdicts and levels that do not
// exist, and anything after the report.
func ReadJSON(in io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(in, readLimit+1))
	if err != nil {
		return nil, fmt.Errorf("the JSON report: %w", err)
	}
	if len(data) > readLimit {
		return nil, fmt.Errorf("the JSON report is larger than %s bytes", show.Count(readLimit))
	}
	var version struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, fmt.Errorf("the JSON report: %w", err)
	}
	if version.Schema != Schema {
		return nil, fmt.Errorf("the JSON report has schema %q; this streamspec reads %q", version.Schema, Schema)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	r := new(Report)
	if err := dec.Decode(r); err != nil {
		return nil, fmt.Errorf("the JSON report: %w", err)
	}
	if err := check(r); err != nil {
		return nil, fmt.Errorf("the JSON report: %w", err)
	}
	return r, nil
}

// check refuses a report whose words are not those of the contract.
func check(r *Report) error {
	if r.Results == nil {
		return errors.New("results are missing")
	}
	if !slices.Contains([]Conclusion{Conformant, NotConformant, NoVerdict}, r.Conclusion) {
		return fmt.Errorf("unknown conclusion %q", r.Conclusion)
	}
	for i, res := range r.Results {
		switch {
		case res.ID == "":
			return fmt.Errorf("result %d has no id", i)
		case !slices.Contains([]Level{Must, Should, May}, res.Level):
			return fmt.Errorf("%s has the unknown level %q", show.Prose(res.ID), res.Level)
		case !slices.Contains([]Verdict{Pass, Fail, Warn, Info, Skip, Inconclusive}, res.Verdict):
			return fmt.Errorf("%s has the unknown verdict %q", show.Prose(res.ID), res.Verdict)
		}
	}
	return nil
}
