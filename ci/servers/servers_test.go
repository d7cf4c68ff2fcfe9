package servers_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/streamspec/streamspec/ci/servers"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/suite/report"
)

func load(t *testing.T) []servers.Server {
	t.Helper()
	all, err := servers.Load(os.DirFS("list"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestList holds that every server can be judged: its dialect is there, and what is waived is judged in it.
func TestList(t *testing.T) {
	used := map[string]bool{}
	for _, s := range load(t) {
		if s.Dialect == "" {
			s = s.AsHTTP() // which it is judged by alone
		}
		cfg := judge.Config{Dialect: s.Dialect, Skip: s.Skip, Timeout: s.Timeout}
		if strings.HasSuffix(s.Dialect, ".yaml") {
			cfg.Dialect = filepath.Join("exchanges", s.Dialect)
			used[s.Dialect] = true
		}
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if len(s.Tools) == 0 {
			t.Errorf("%s does not say which programs it needs", s.Name)
		}
		if s.Install == "" && len(s.Packages) == 0 {
			t.Errorf("%s does not say who has its programs", s.Name)
		}
	}
	files, err := filepath.Glob("exchanges/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !used[filepath.Base(f)] {
			t.Errorf("no server speaks %s", f)
		}
	}
}

// inTime is an outcome where nothing was left out because the server is slow: beside what else the machine does, one may be.
func inTime(o *servers.Outcome) *servers.Outcome {
	rep := *o.Report
	rep.Results = slices.Clone(rep.Results)
	for i, r := range rep.Results {
		if r.Verdict == report.Skip && strings.HasPrefix(r.Reason, "the server is slow, and ") {
			rep.Results[i].Verdict = report.Pass
		}
	}
	report.Conclude(&rep)
	quick := *o
	quick.Report = &rep
	return &quick
}

// TestQuick judges the servers that are judged for every change, and holds their lines of the table.
func TestQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes about ten seconds a server")
	}
	table, err := os.ReadFile("table.md")
	if err != nil {
		t.Fatal(err)
	}
	judged(t, slices.DeleteFunc(load(t), func(s servers.Server) bool { return !s.Quick }), func(t *testing.T, o *servers.Outcome) {
		if !contains(string(table), o.Row()) && !contains(string(table), inTime(o).Row()) {
			t.Errorf("table.md does not say (ci/servers/run writes it):\n%s", o.Row())
			for _, r := range o.Report.Results {
				if r.Verdict == report.Skip || r.Verdict == report.Inconclusive {
					t.Logf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
		}
	})
}

// TestPresets holds that every preset reads the framing of a real server rightly.
func TestPresets(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds a server")
	}
	all := slices.DeleteFunc(load(t), func(s servers.Server) bool { return !s.Quick && !s.Brief })
	for _, name := range exchange.Presets() {
		if !slices.ContainsFunc(all, func(s servers.Server) bool { return s.Dialect == "preset:"+name }) {
			t.Errorf("no server of %s is judged for every change", name)
		}
	}
	var brief []servers.Server
	for _, s := range all {
		if s.Brief {
			brief = append(brief, s.Framing())
		}
	}
	judged(t, brief, func(t *testing.T, o *servers.Outcome) {
		shown := 0
		for _, r := range o.Report.Results {
			if !strings.HasPrefix(r.ID, "FRAM-") {
				t.Errorf("%s was judged", r.ID)
			}
			if r.Verdict == report.Pass {
				shown++
			}
		}
		if shown < 2 {
			t.Errorf("little was shown: %s", o.Report.Sentence)
		}
		for _, r := range o.Report.Results {
			if whole := r.ID == "FRAM-1" || r.ID == "FRAM-2"; whole && r.Verdict != report.Pass {
				t.Errorf("%s, %s: %s", r.ID, r.Verdict, r.Reason)
			}
		}
	})
}

// judged judges servers, some beside one another, and has each outcome looked at.
func judged(t *testing.T, all []servers.Server, look func(*testing.T, *servers.Outcome)) {
	outcomes := make([]*servers.Outcome, len(all))
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	places := make(chan struct{}, 2)
	for i, s := range all {
		if s.Missing() == "" {
			wg.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				outcomes[i], errs[i] = servers.Judge(t.Context(), s, ".")
			})
		}
	}
	wg.Wait()
	for i, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			if missing := s.Missing(); missing != "" {
				if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") == "1" {
					t.Fatal(missing)
				}
				t.Skip(missing)
			}
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			o := outcomes[i]
			t.Logf("%s (%.1f s)", o.Report.Sentence, o.Report.DurationMS/1000)
			for _, w := range o.Wrong {
				t.Error(w)
			}
			if len(o.Wrong) > 0 {
				t.Log(o.Evidence())
			}
			look(t, o)
		})
	}
}

// contains reports whether the table has the row, but for the version.
func contains(table, row string) bool {
	versionless := func(line string) string {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) < 3 {
			return line
		}
		return strings.Join(slices.Delete(cells, 1, 2), " | ")
	}
	for line := range strings.Lines(table) {
		if versionless(line) == versionless(row) {
			return true
		}
	}
	return false
}

// TestRefused holds what is said of a file that cannot be meant.
func TestRefused(t *testing.T) {
	const good = "title: x\ndialect: echo\ncommand: [x]\n"
	for text, want := range map[string]string{
		"":                          "it wants a title",
		"title: x\n":                "it wants a dialect, or http",
		"title: x\ndialect: echo\n": "it wants a command",
		good + "skip: FRAM\n":       "what is skipped wants because",
		good + "waivers: [{ids: [FRAM-99], reason: x}]\n":                        "FRAM-99, which is no requirement",
		good + "waivers: [{ids: [FRAM-2, FRAM-2], reason: x}]\n":                 "or was waived before",
		good + "waivers: [{ids: [FRAM-2]}]\n":                                    "ids and a reason",
		good + "waivers: [{ids: [FRAM-2], reason: x, verdict: pass}]\n":          "cannot be for the verdict pass",
		good + "comand: [y]\n":                                                   "unknown field",
		good + "http: {skip: FRAM}\n":                                            "what is skipped under http wants because",
		good + "http: {post: /}\n":                                               "http wants setup",
		good + "http: {setup: x, waivers: [{verdict: warn}]}\n":                  "a waiver wants ids",
		good + "http: {setup: x, waivers: [{ids: [HFLD-99]}]}\n":                 "HFLD-99, which is no requirement",
		good + "http: {setup: x, waivers: [{ids: [HFLD-1]}, {ids: [HFLD-1]}]}\n": "or was waived before",
		good + "http: {setup: x, waivers: [{ids: [HFLD-1], verdict: skip}]}\n":   "cannot be for the verdict skip",
		good + "http: {setup: x, waivers: [{ids: [HREQ-16]}]}\n":                 "no sentence of the RFC for HREQ-16",
		good + "http: {setup: x, waivers: [{ids: [HFLD-1], by: [HREQ-16]}]}\n":   "no sentence of the RFC for HREQ-16",
		good + "http: {setup: x, waivers: [{ids: [FRAM-2]}]}\n":                  "FRAM-2 is for what no RFC says, and wants a remark",
	} {
		dir := fstest.MapFS{"bad.yaml": {Data: []byte(text)}}
		if _, err := servers.Load(dir); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "bad.yaml: ") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := servers.Load(fstest.MapFS{}); err == nil {
		t.Error("a folder without servers is taken")
	}
}
