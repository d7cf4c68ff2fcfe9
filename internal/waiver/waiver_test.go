package waiver

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/suite/report"
)

const file = `# Ours.
expect:
  # the decoder is replaced in 2.0
  - requirement: FRAM-6
    reason: a character is decoded read by read
    link: https://example.org/issues/17
    until: 2027-03-31

  - {requirement: CONC-3, reason: "a pool of 50"}
  # now and then
  - requirement: LIFE-12
    reason: a queue of 5
    intermittent: true
`

var ids = []string{"LIFE-12", "CONC-3", "FRAM-1", "FRAM-2", "FRAM-6"}

func at(t *testing.T, text string) time.Time {
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func parsed(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("expect.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// results are what a run came to: "FRAM-6 fail, CONC-3 pass".
func results(text string) (all []report.Result) {
	for _, one := range strings.Split(text, ", ") {
		id, verdict, _ := strings.Cut(one, " ")
		all = append(all, report.Result{ID: id, Verdict: report.Verdict(verdict), Reason: "a reason"})
	}
	return all
}

func TestUnmet(t *testing.T) {
	for name, c := range map[string]struct {
		came, at string
		file     string
		want     []string
	}{
		"all is as it is known": {"FRAM-6 fail, CONC-3 warn, LIFE-12 fail, FRAM-1 pass", "2027-03-31T23:59:59Z", file, nil},
		"one passes":            {"FRAM-6 pass, CONC-3 warn, LIFE-12 fail", "2026-12-01T00:00:00Z", file, []string{"expect.yaml:4: FRAM-6 passes, and is expected to fail: take it out, or say that it is intermittent"}},
		"one may pass":          {"FRAM-6 fail, CONC-3 fail, LIFE-12 pass", "2026-12-01T00:00:00Z", file, nil},
		"one is observed alone": {"FRAM-6 fail, CONC-3 info, LIFE-12 pass", "2026-12-01T00:00:00Z", file, []string{"expect.yaml:9: CONC-3 passes, and is expected to fail: take it out, or say that it is intermittent"}},
		"one is over":           {"FRAM-6 fail, CONC-3 fail", "2027-04-01T00:00:01Z", file, []string{"expect.yaml:4: FRAM-6 may be broken until 2027-03-31, which is over: mend it, or give it another day"}},
		"one was not judged":    {"FRAM-6 skip, CONC-3 fail, LIFE-12 skip", "2026-12-01T00:00:00Z", file, []string{"expect.yaml:4: FRAM-6 was not judged, so that nothing is known to be broken there: take it out (a reason)", "expect.yaml:11: LIFE-12 was not judged, so that nothing is known to be broken there: take it out (a reason)"}},
		"one is not known":      {"FRAM-6 inconclusive, CONC-3 fail", "2026-12-01T00:00:00Z", file, nil},
		"not selected":          {"FRAM-1 pass", "2026-12-01T00:00:00Z", file, nil},
		"there is none":         {"FRAM-1 pass", "2026-12-01T00:00:00Z", "expect:\n- requirement: FRAM-66\n  reason: x\n- requirement: '\x1b[31m'\n  reason: x\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("expect.yaml", []byte(strings.ReplaceAll(c.file, "'\x1b[31m'", `"\e[31m"`)))
			if err != nil {
				t.Fatal(err)
			}
			got := f.Unmet(results(c.came), ids, at(t, c.at))
			if name == "there is none" {
				if len(got) != 2 || got[0] != "expect.yaml:2: there is no requirement FRAM-66: did you mean FRAM-6?" || strings.Contains(got[1], "\x1b") {
					t.Errorf("%q", got)
				}
				return
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestMark(t *testing.T) {
	f := parsed(t, file)
	for came, want := range map[string]*report.Waived{
		"FRAM-6 fail": {Reason: "a character is decoded read by read", Link: "https://example.org/issues/17", Until: "2027-03-31"},
		"CONC-3 warn": {Reason: "a pool of 50"},
		"FRAM-6 pass": nil, "FRAM-6 inconclusive": nil, "FRAM-1 fail": nil,
	} {
		r := results(came)[0]
		if f.Mark(&r, at(t, "2027-03-31T12:00:00Z")); fmt.Sprint(r.Waived) != fmt.Sprint(want) {
			t.Errorf("%s: %+v", came, r.Waived)
		}
	}
	r := results("FRAM-6 fail")[0]
	if f.Mark(&r, at(t, "2027-04-01T00:00:00Z")); r.Waived != nil {
		t.Error("an entry that is over waives")
	}
}

func TestRefused(t *testing.T) {
	for text, says := range map[string]string{
		"expect:\n  - requirement: FRAM-2\n":                                                        "expect.yaml:2:5: FRAM-2 has no reason",
		"expect:\n  - reason: x\n":                                                                  "expect.yaml:2:5: an entry has no requirement",
		"expect:\n  - requirement: FRAM-2\n    reason: x\n    until: soon\n":                        `expect.yaml:4:12: until is "soon"`,
		"expect:\n  - requirement: FRAM-2\n    reasen: x\n":                                         "did you mean reason?",
		"expect:\n  - requirement: FRAM-2\n    reason: x\n  - requirement: FRAM-2\n    reason: y\n": "expect.yaml:4:5: FRAM-2 stands here twice: it did in line 2 already",
		"expect:\n  - requirement: FRAM-2\n    reason: x\n    intermittent: perhaps\n":              "should be true or false",
		"expect: FRAM-2\n":                  "should be a list",
		"waive:\n  - requirement: FRAM-2\n": "it may have expect",
		"expect:\n  - requirement: [":       "expect.yaml:2",
		"":                                  "expect.yaml",
		"\xff":                              "expect.yaml",
		strings.Repeat("#", 2<<20):          "1048576 at most",
	} {
		if _, err := Parse("expect.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text[:min(len(text), 60)], err)
		}
	}
}

func TestUpdate(t *testing.T) {
	run := &report.Report{Results: results("FRAM-6 pass, CONC-3 fail, LIFE-12 pass, FRAM-1 fail, FRAM-2 warn")}
	got, err := parsed(t, file).Update(run)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Ours.
expect:

  - {requirement: CONC-3, reason: "a pool of 50"}
  # now and then
  - requirement: LIFE-12
    reason: a queue of 5
    intermittent: true
  - requirement: FRAM-1
    reason: TODO
`
	if string(got) != want {
		t.Errorf("%s", got)
	}
	run.Strict = true
	if got, err := parsed(t, file).Update(run); err != nil || !strings.HasSuffix(string(got), "  - requirement: FRAM-2\n    reason: TODO\n") {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := parsed(t, "expect: [{requirement: FRAM-2, reason: x}]\n").Update(run); err == nil {
		t.Error("a list in one line was gone on with")
	}
}

// TestUpdated: of a run nothing is unexpected by the file that it has written, whatever was in it before, and what is broken is waived.
func TestUpdated(t *testing.T) {
	verdicts := []report.Verdict{report.Pass, report.Fail, report.Warn, report.Info, report.Inconclusive}
	rapid.Check(t, func(t *rapid.T) {
		var f *File
		text := ""
		if rapid.Bool().Draw(t, "there is a file") {
			text = "expect: []\n"
			var entries []string
			for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom(ids), func(id string) string { return id }).Draw(t, "entries") {
				indent := "  "
				entry := indent + "- requirement: " + id + "\n" + indent + "  reason: because\n"
				if rapid.Bool().Draw(t, "comment") {
					entry = indent + "# why " + id + "\n" + entry
				}
				if rapid.Bool().Draw(t, "intermittent") {
					entry += indent + "  intermittent: true\n"
				}
				entries = append(entries, entry)
			}
			if len(entries) > 0 {
				text = "expect:\n" + strings.Join(entries, "")
			}
			var err error
			if f, err = Parse("f", []byte(text)); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		run := &report.Report{Strict: rapid.Bool().Draw(t, "strict")}
		for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom(ids), func(id string) string { return id }).Draw(t, "judged") {
			run.Results = append(run.Results, report.Result{ID: id, Verdict: rapid.SampledFrom(verdicts).Draw(t, id)})
		}
		updated, err := f.Update(run)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		g, err := Parse("f", updated)
		if err != nil {
			t.Fatalf("%s: %v", updated, err)
		}
		if said := g.Unmet(run.Results, ids, time.Now()); len(said) > 0 {
			t.Errorf("%s: %q", updated, said)
		}
		for _, r := range run.Results {
			if g.Mark(&r, time.Now()); r.Verdict == report.Fail && r.Waived == nil {
				t.Errorf("%s: %s is not waived", updated, r.ID)
			}
		}
		if again, err := g.Update(run); err != nil || string(again) != string(updated) {
			t.Errorf("%s, then %s: %v", updated, again, err)
		}
	})
}

func TestBaseline(t *testing.T) {
	b := NewBaseline("old.json", &report.Report{Results: results("FRAM-1 pass, FRAM-2 fail, FRAM-6 pass, CONC-3 skip, LIFE-12 pass")})
	now := results("FRAM-1 fail, FRAM-2 pass, FRAM-6 skip, CONC-3 fail, LIFE-12 pass")
	want := []string{"FRAM-1 passed in old.json, and is broken now", "FRAM-6 passed in old.json, and is not judged now"}
	if got := (Known{Baseline: b}).Unmet(now, ids, time.Now()); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	r := results("FRAM-2 fail")[0]
	if (Known{Baseline: b}).Mark(&r, time.Now()); r.Waived == nil || r.Waived.Reason != "it is broken in old.json" {
		t.Errorf("%+v", r.Waived)
	}
	r = results("CONC-3 fail")[0]
	if (Known{Baseline: b}).Mark(&r, time.Now()); r.Waived != nil {
		t.Error("what was not broken before is waived")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(file))
	f.Add([]byte("expect: []"))
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := Parse("f", text)
		if err != nil {
			return
		}
		run := &report.Report{Results: results("FRAM-1 fail, FRAM-6 pass")}
		if updated, err := parsed.Update(run); err == nil {
			if _, err := Parse("f", updated); err != nil {
				t.Errorf("%q: %v", updated, err)
			}
		}
	})
}
