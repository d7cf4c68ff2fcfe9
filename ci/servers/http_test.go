package servers_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/ci/servers"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/suite/report"
)

// withHTTP are the servers that are judged by http1, as they are then.
func withHTTP(t *testing.T) []servers.Server {
	var all []servers.Server
	for _, s := range load(t) {
		if s.HTTP != nil {
			all = append(all, s.AsHTTP())
		}
	}
	return all
}

// TestHTTPList holds that every server that has http can be judged so, and that there is a sentence of the RFC for what is waived, and for
// nothing else.
func TestHTTPList(t *testing.T) {
	used, quick := map[string]bool{}, 0
	all := withHTTP(t)
	for _, s := range all {
		cfg := judge.Config{Dialect: s.Dialect, Skip: s.Skip, Timeout: s.Timeout, HTTP: s.Options(), Only: strings.Join(s.HTTP.Quick, ",")}
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s, http: %v", s.Name, err)
		}
		for _, w := range s.HTTP.Waivers {
			for _, id := range w.Argued() {
				used[id] = true
			}
		}
		if s.HTTP.Quick != nil {
			quick++
		}
	}
	if len(all) < 14 || quick < 5 {
		t.Errorf("%d servers have http, and %d of them are judged for every change: 14 and 5 are wanted", len(all), quick)
	}
	quoted := regexp.MustCompile(`^RFC 911[02], \d+(\.\d+)*[,:] .*".+"`)
	for id, sentence := range servers.RFC() {
		if !used[id] {
			t.Errorf("rfc.yaml has a sentence for %s, which is waived nowhere", id)
		}
		if !quoted.MatchString(sentence) {
			t.Errorf("rfc.yaml does not say for %s where a sentence stands and what it is: %s", id, sentence)
		}
	}
}

// TestHTTP judges what is judged for every change of the servers that have http.
func TestHTTP(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second a server")
	}
	var quick []servers.Server
	for _, s := range load(t) {
		if s.HTTP != nil && s.HTTP.Quick != nil {
			quick = append(quick, s.QuickHTTP())
		}
	}
	judged(t, quick, func(t *testing.T, o *servers.Outcome) {
		for _, r := range o.Report.Results {
			if r.Verdict == report.Skip {
				t.Errorf("%s was not shown: %s", r.ID, r.Reason)
			}
		}
		if len(o.Report.Results) != len(o.Server.HTTP.Quick) {
			t.Errorf("%d requirements were judged, and not %s", len(o.Report.Results), strings.Join(o.Server.HTTP.Quick, ", "))
		}
	})
}

// leastRows is how many servers http.md must have: those that its run judged to the end.
const leastRows = 14

// TestHTTPTable holds of the servers of http.md that what is broken there is what is known of the server, that each has its argument, and
// that there is no argument too many.
func TestHTTPTable(t *testing.T) {
	text, err := os.ReadFile("http.md")
	if err != nil {
		t.Fatal(err)
	}
	all := slices.DeleteFunc(withHTTP(t), func(s servers.Server) bool { return !strings.Contains(string(text), "\n| "+s.Title+" | ") })
	if len(all) < leastRows {
		t.Errorf("it has %d servers, and %d are wanted", len(all), leastRows)
	}
	for _, fault := range faults(string(text), all) {
		t.Errorf("%s: ci/servers/run --http writes it", fault)
	}
}

var (
	rowOf      = regexp.MustCompile(`(?m)^\| (.+?) \| [^|]* \| \d+ of \d+ \| \d+ of \d+ \| ([^|]+) \| ([^|]+) \| \d+ \|$`)
	argumentOf = regexp.MustCompile(`(?m)^- \*\*([A-Z]+-\d+)\*\*, (?:MUST|SHOULD|MAY), (\w+): .+ The (?:RFC|contract): \[.*\]\(.*\)\.$`)
	sectionOf  = regexp.MustCompile(`(?m)^## (.+)$`)
	linkTo     = regexp.MustCompile(`\]\(#([a-z]+-\d+)\)`)
	sentenceOf = regexp.MustCompile(`(?m)^### ([A-Z]+-\d+)\n\nRFC 911[02], `)
)

// faults says where the table and what is known of the servers part.
func faults(text string, all []servers.Server) []string {
	var found []string
	note := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	rows := map[string][]string{}
	for _, m := range rowOf.FindAllStringSubmatch(text, -1) {
		rows[m[1]] = m
	}
	parts := map[string]string{}
	places := sectionOf.FindAllStringSubmatchIndex(text, -1)
	for i, p := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		parts[text[p[2]:p[3]]] = text[p[1]:end]
	}
	for _, s := range all {
		want := map[string]bool{}
		for _, w := range s.Waivers {
			for _, id := range w.IDs {
				want[id+" "+string(w.Verdict)] = true
			}
		}
		row := rows[s.Title]
		if row == nil {
			note("there is no row of %s", s.Title)
			continue
		}
		delete(rows, s.Title)
		told := map[string]bool{}
		for i, verdict := range map[int]string{2: "fail", 3: "warn"} {
			for id := range strings.SplitSeq(row[i], ", ") {
				if id != "none" {
					told[id+" "+verdict] = true
				}
			}
		}
		argued := map[string]bool{}
		for _, m := range argumentOf.FindAllStringSubmatch(parts[s.Title], -1) {
			argued[m[1]+" "+m[2]] = true
		}
		for _, of := range []struct {
			have, want map[string]bool
			missing    string
		}{
			{told, want, "the row of %s does not have %s"},
			{want, told, "the row of %s has %s, which is not waived"},
			{argued, told, "%s has no argument for %s"},
			{told, argued, "%s has an argument for %s, which its row does not have"},
		} {
			for what := range of.want {
				if !of.have[what] {
					note(of.missing, s.Title, what)
				}
			}
		}
	}
	for title := range rows {
		note("there is a row of %s, which is no server of the list", title)
	}
	sentences := map[string]bool{}
	for _, m := range sentenceOf.FindAllStringSubmatch(text, -1) {
		sentences[strings.ToLower(m[1])] = true
	}
	links := map[string]bool{}
	for _, m := range linkTo.FindAllStringSubmatch(text, -1) {
		links[m[1]] = true
		if !sentences[m[1]] {
			note("the RFC's sentence for %s is missing", m[1])
		}
	}
	for id := range sentences {
		if !links[id] {
			note("the RFC's sentence for %s argues nothing", id)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestHTTPTableFaults holds what the table of HTTP/1.1 says of a server, and that [faults] tells what is missing in it or too much.
func TestHTTPTableFaults(t *testing.T) {
	s := servers.Server{Name: "x", Title: "X", HTTP: &servers.HTTP{
		Setup: "as it comes", Skip: "ROBU-1", Because: "of a reason",
		Waivers: []servers.HTTPWaiver{
			{IDs: []string{"HFLD-3"}, Verdict: report.Warn, Remark: "takes `a|b`"},
			{IDs: []string{"SMUG-2"}, Verdict: report.Fail, By: []string{"HLEN-12", "HFLD-5"}},
			{IDs: []string{"FRAM-2"}, Verdict: report.Fail, Remark: "cuts"},
		},
	}}.AsHTTP()
	o := &servers.Outcome{Server: s, Version: "1.2", Report: &report.Report{
		Started: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), Cuts: report.Cuts{Made: 34},
		Results: []report.Result{
			{ID: "FRAM-2", Level: report.Must, Verdict: report.Fail, Reason: "no_exchange"},
			{ID: "HFLD-1", Level: report.Must, Verdict: report.Pass},
			{ID: "HFLD-3", Level: report.Must, Verdict: report.Warn, Reason: "a reason", Failure: &report.Failure{
				Delivery: "whole", Request: report.Bytes{Total: 19, Text: []byte("Host: a`?b\r\n")},
			}},
			{ID: "SMUG-2", Level: report.Must, Verdict: report.Fail, Reason: "hidden"},
			{ID: "HREQ-1", Level: report.Should, Verdict: report.Pass},
			{ID: "HREQ-2", Level: report.Must, Verdict: report.Skip},
			{ID: "HREQ-8", Level: report.May, Verdict: report.Info},
		},
	}}
	var out bytes.Buffer
	if err := servers.WriteHTTP(&out, []*servers.Outcome{o}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		"of 1 servers", "on 2026-02-03.", "| X | 1.2 | 1 of 4 | 1 of 1 | FRAM-2, SMUG-2 | HFLD-3 | 34 |\n", "Not judged: ROBU-1, since of a reason.",
		"- **HFLD-3**, MUST, warn: a reason. takes `a|b`. Sent, whole, of 19 bytes the first here: `` Host: a`?b\\r\\n ``. The RFC: [HFLD-3](#hfld-3).\n",
		"- **SMUG-2**, MUST, fail: hidden. The RFC: [HLEN-12](#hlen-12), [HFLD-5](#hfld-5).\n",
		"- **FRAM-2**, MUST, fail: no\\_exchange. cuts. The contract: [FRAM-2](../../suite/contract.md#fram-2-must-cut-in-two-at-every-byte).\n",
		"### HFLD-3\n\nRFC 9112, 3.2: \"A server MUST respond with a 400", "[HFLD-3](../../suite/contract.md#hfld-3-must-",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	without := func(line string) string { return regexp.MustCompile(`(?m)^`+line+`.*\n`).ReplaceAllString(text, "") }
	for _, spoiled := range []struct{ text, want string }{
		{text, ""},
		{without(`\| X`), "there is no row of X"},
		{without(`- \*\*HFLD-3`), "X has no argument for HFLD-3 warn"},
		{strings.Replace(text, "| HFLD-3 |", "| none |", 1), "the row of X does not have HFLD-3 warn"},
		{strings.Replace(text, "| HFLD-3 |", "| none |", 1), "X has an argument for HFLD-3 warn, which its row does not have"},
		{strings.Replace(text, "| HFLD-3 |", "| HFLD-3, HREQ-5 |", 1), "the row of X has HREQ-5 warn, which is not waived"},
		{strings.Replace(text, "| X |", "| Y |", 1), "there is a row of Y"},
		{strings.Replace(text, "### HFLD-5\n", "\n", 1), "the RFC's sentence for hfld-5 is missing"},
		{strings.Replace(text, ", [HFLD-5](#hfld-5)", "", 1), "the RFC's sentence for hfld-5 argues nothing"},
	} {
		found := strings.Join(faults(spoiled.text, []servers.Server{s}), "\n")
		if (spoiled.want == "") != (found == "") || !strings.Contains(found, spoiled.want) {
			t.Errorf("want %q, and not %q", spoiled.want, found)
		}
	}
}
