package ci

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

var update = flag.Bool("update", false, "write the table of ci/servers.md")

// A server is one that the suite is held against: a real one, or a known-bad control.
type server struct {
	name    string
	dialect string
	command []string          // {dir} is a temporary folder
	tools   map[string]string // program to the Debian package that has it
	version []string          // the command that prints the version
	serial  bool              // serves one client at a time
	want    report.Conclusion
	broken  []finding // every fail, warn and inconclusive, in the order of the catalogue, and no other
}

// A finding is a fault that the server has, with its reason: from its source, or
// seen by hand without the suite.
type finding struct {
	ids     []string // which the one reason explains
	verdict report.Verdict
	reason  string
}

var (
	python = map[string]string{"python3": "python3"}
	node   = map[string]string{"node": "nodejs"}
)

var servers = []server{
	{
		name: "socat, `EXEC:cat`", dialect: "echo",
		// -t: socat waits half a second for the rest of an answer after the client's half-close, which a slow reader exceeds.
		command: []string{"socat", "-t", "10", "TCP-LISTEN:{port},bind={host},fork,reuseaddr,backlog=256", "EXEC:cat"},
		tools:   map[string]string{"socat": "socat"}, version: []string{"socat", "-V"},
		want: report.Conformant,
	},
	{
		name: "xinetd, `cat`", dialect: "echo",
		command: []string{"adapters/xinetd/echo", "{port}", "{dir}"},
		tools:   map[string]string{"xinetd": "xinetd"}, version: []string{"xinetd", "-version"},
		want: report.NotConformant,
		broken: []finding{
			{[]string{"LIFE-8"}, report.Fail, "when a service's port is taken xinetd logs that it is deactivated, and runs on without it, as a server of many services"},
		},
	},
	{
		name: "tcpserver, `cat`", dialect: "echo",
		command: []string{"tcpserver", "-H", "-R", "-l0", "-c", "1000", "-b", "256", "{host}", "{port}", "cat"},
		tools:   map[string]string{"tcpserver": "ucspi-tcp"}, version: []string{"dpkg-query", "-W", "-f", "ucspi-tcp ${Version}", "ucspi-tcp"},
		want: report.Conformant,
	},
	{
		name: "Python `socketserver`", dialect: "script",
		command: []string{"python3", "adapters/python/stream.py", "script", "{port}"},
		tools:   python, version: []string{"python3", "--version"},
		want: report.Conformant,
	},
	{
		name: "Python `socketserver`", dialect: "line",
		command: []string{"python3", "adapters/python/stream.py", "line", "{port}"},
		tools:   python, version: []string{"python3", "--version"},
		want: report.Conformant,
	},
	{
		name: "Node `net`", dialect: "echo",
		command: []string{"node", "adapters/node/echo.js", "{port}"},
		tools:   node, version: []string{"node", "--version"},
		want: report.Conformant,
	},
	{
		name: "Node `net`, a data event is a message (control)", dialect: "line",
		command: []string{"node", "adapters/node/naive-line.js", "{port}"},
		tools:   node, version: []string{"node", "--version"},
		want: report.NotConformant,
		broken: []finding{
			{[]string{"FRAM-2", "FRAM-3", "FRAM-4", "FRAM-5", "FRAM-6", "FRAM-7", "FRAM-8", "CLOS-1", "FLOW-1"}, report.Fail,
				"what one read brings is answered as one line, whether it is half a line or several"},
			{[]string{"LINE-1", "LINE-2", "LINE-3", "LINE-4", "LINE-5", "LINE-7", "LINE-9", "CODE-1", "CODE-5"}, report.Fail,
				"the same: lines of one segment are stripped as one, and of a line in two segments each piece is answered by itself, half a character as U+FFFD"},
			{[]string{"LINE-10"}, report.Fail, "`trim` takes no-break spaces, U+2028 and the BOM for white space"},
			{[]string{"CODE-3", "CODE-4"}, report.Fail, "`toString` makes U+FFFD of what is no UTF-8, which is answered, and `trim` takes the BOM"},
		},
	},
	{
		name: "the tutorial's server (control)", dialect: "greet",
		command: []string{"python3", "adapters/python/tutorial.py", "{port}"},
		tools:   python, version: []string{"python3", "--version"},
		serial: true,
		want:   report.NotConformant,
		broken: []finding{
			{[]string{"CONC-2"}, report.Warn, "the accept loop serves the client itself, and accepts nobody meanwhile"},
			{[]string{"FRAM-2", "FRAM-3", "FRAM-4", "FRAM-5", "FRAM-7", "FRAM-8", "CLOS-1", "FLOW-1", "FLOW-3"}, report.Fail,
				"one `recv` of at most 1,024 bytes is taken for the message, and then the connection is closed"},
			{[]string{"LIFE-5", "ROBU-1", "ROBU-5"}, report.Fail, "a client's reset raises ConnectionResetError in `recv`, which nobody catches: the process ends"},
			{[]string{"LIFE-10"}, report.Inconclusive, "the same: it does not live long enough for its descriptors to be counted"},
			{[]string{"LIFE-9"}, report.Warn, "SO_REUSEADDR is not set"},
			{[]string{"LIFE-12"}, report.Warn, "`listen(5)`"},
		},
	},
}

// TestServers judges each server and holds the verdicts against what is known
// of it, and the table of servers.md against the verdicts.
func TestServers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes about ten seconds a server")
	}
	var rows []row
	complete := true
	for _, s := range servers {
		ran := false
		t.Run(strings.NewReplacer("`", "", ",", "").Replace(s.name)+"/"+s.dialect, func(t *testing.T) {
			s.need(t)
			r := s.judge(t)
			s.hold(t, r)
			rows = append(rows, s.row(t, r))
			ran = true
		})
		complete = complete && ran
	}
	holdTable(t, rows, complete)
}

// need skips the test where a program is missing, or fails it where all are required.
func (s server) need(t *testing.T) {
	t.Helper()
	for _, tool := range slices.Sorted(maps.Keys(s.tools)) {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		text := fmt.Sprintf("there is no %s on this machine: the Debian package %s has it", tool, s.tools[tool])
		if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") == "1" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
}

// judge runs the whole suite against the server.
func (s server) judge(t *testing.T) *report.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	command := slices.Clone(s.command)
	if i := slices.Index(command, "{dir}"); i >= 0 {
		command[i] = t.TempDir()
	}
	l, err := target.NewLauncherArgs(command, target.LauncherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	started, err := target.Start(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := started.Close(context.WithoutCancel(ctx)); err != nil {
			t.Errorf("the server could not be stopped: %v", err)
		}
	}()
	r, err := suite.Run(ctx, suite.Config{Target: started, Dialect: s.dialect, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s (%.1f s)", r.Sentence, r.DurationMS/1000)
	return r
}

// hold compares the verdicts with what is known of the server.
func (s server) hold(t *testing.T, r *report.Report) {
	t.Helper()
	if r.Conclusion != s.want || r.Target.Serial != s.serial {
		t.Errorf("%s, one client at a time: %t; want %s, %t", r.Sentence, r.Target.Serial, s.want, s.serial)
	}
	want := map[string]report.Verdict{}
	for _, f := range s.broken {
		for _, id := range f.ids {
			want[id] = f.verdict
		}
	}
	for _, res := range r.Results {
		expected, known := want[res.ID]
		delete(want, res.ID)
		switch res.Verdict {
		case report.Pass, report.Info, report.Skip:
			if known {
				t.Errorf("%s: %s %s, want %s", res.ID, res.Verdict, res.Reason, expected)
			}
		case expected:
		default:
			t.Errorf("%s: %s, want %s: %s\n%s", res.ID, res.Verdict, orPass(expected), res.Reason, report.FailureText(res, report.ConsoleOptions{}))
		}
	}
	for id, verdict := range want {
		t.Errorf("%s: not judged, want %s", id, verdict)
	}
}

func orPass(v report.Verdict) report.Verdict {
	if v == "" {
		return report.Pass
	}
	return v
}

// A row is one line of the table.
type row struct{ server, version, dialect, sentence, broken string }

func (r row) String() string {
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", r.server, r.version, r.dialect, r.sentence, r.broken)
}

func (s server) row(t *testing.T, r *report.Report) row {
	t.Helper()
	var parts []string
	for _, f := range s.broken {
		word := "broken"
		switch f.verdict {
		case report.Warn:
			word = "warned"
		case report.Inconclusive:
			word = "inconclusive"
		}
		parts = append(parts, fmt.Sprintf("%s %s: %s", strings.Join(f.ids, ", "), word, f.reason))
	}
	if parts == nil {
		parts = []string{"nothing"}
	}
	return row{s.name, s.printedVersion(t), s.dialect, r.Sentence, strings.Join(parts, "; ")}
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+[-\w.]*`)

// printedVersion is the first version number that the program prints.
func (s server) printedVersion(t *testing.T) string {
	t.Helper()
	out, _ := exec.CommandContext(t.Context(), s.version[0], s.version[1:]...).CombinedOutput()
	v := versionNumber.FindString(string(out))
	if v == "" {
		t.Errorf("%s prints no version: %q", strings.Join(s.version, " "), out)
	}
	return v
}

const (
	tableFile  = "servers.md"
	tableBegin = "<!-- real servers: begin -->\n"
	tableEnd   = "<!-- real servers: end -->\n"
	tableHead  = "| server | version | dialect | the suite's last line | what is broken or warned, and why |\n|---|---|---|---|---|\n"
)

// holdTable holds the rows of the servers that were judged against the table,
// but for their versions; with -update it writes the table.
func holdTable(t *testing.T, rows []row, complete bool) {
	t.Helper()
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), tableBegin)
	table, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		t.Fatalf("%s has no table between its markers", tableFile)
	}
	if *update {
		if !complete || t.Failed() {
			t.Fatal("the table is written when every server was judged, and as expected")
		}
		var b strings.Builder
		for _, r := range rows {
			b.WriteString(r.String() + "\n")
		}
		if err := os.WriteFile(tableFile, []byte(before+tableBegin+tableHead+b.String()+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	written := map[string]bool{}
	for line := range strings.Lines(table) {
		written[versionless(line)] = true
	}
	for _, r := range rows {
		if !written[versionless(r.String()+"\n")] {
			t.Errorf("%s does not say (go test ./ci -update writes it):\n%s", tableFile, r)
		}
	}
	if lines := strings.Count(table, "\n") - strings.Count(tableHead, "\n"); lines != len(servers) {
		t.Errorf("%s has %d servers, %d are known (go test ./ci -update writes it)", tableFile, lines, len(servers))
	}
}

// versionless is a line of the table without its version.
func versionless(line string) string {
	cells := strings.Split(line, " | ")
	if len(cells) < 2 {
		return line
	}
	return strings.Join(slices.Delete(cells, 1, 2), " | ")
}
