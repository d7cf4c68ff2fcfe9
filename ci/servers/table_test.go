package servers_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/ci/servers"
	"github.com/streamspec/streamspec/suite/report"
)

// TestTables holds that both tables are drawn from the outcomes, with what is broken, and that no folder of the machine is in them.
func TestTables(t *testing.T) {
	all := []*servers.Outcome{{
		Server:  servers.Server{Name: "x", Title: "<x> | y", Dialect: "echo", Waivers: []servers.Waiver{{IDs: []string{"FRAM-2"}, Verdict: report.Fail, Reason: "a reason"}}},
		Version: "1.2.3",
		Report: &report.Report{
			Sentence: "not conformant: one sentence", Conclusion: report.NotConformant, First: "FRAM-2",
			Results: []report.Result{{ID: "FRAM-2", Level: report.Must, Verdict: report.Fail, Failure: &report.Failure{Problem: "/a/folder/start {host} {port} /a/nother x ended; /a/folder/ci/servers/start (pid 1) ended", FirstDifference: -1}}},
		},
	}}
	var markdown, html bytes.Buffer
	if err := servers.WriteMarkdown(&markdown, all); err != nil {
		t.Fatal(err)
	}
	if err := servers.WriteHTML(&html, all); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		markdown.String(): {`| <x> \| y | 1.2.3 | echo | not conformant: one sentence | FRAM-2 broken: a reason |`, "### <x> | y", "x ended", "ci/servers/start (pid 1)"},
		html.String():     {"<td>&lt;x&gt; | y</td><td>1.2.3</td><td>echo</td>", "not conformant: one sentence", "FRAM-2 broken: a reason", "x ended"},
	} {
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("no %s in\n%s", w, text)
			}
		}
		if strings.Contains(text, "/a/folder") {
			t.Errorf("a folder of the machine is in it:\n%s", text)
		}
	}
}
