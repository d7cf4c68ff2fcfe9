// Package doors holds that all doors to the suite are views of one and the same run: they give the same verdicts.
package doors

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/internal/selftest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/ginkgosuite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// What a child of this test's process is: the door that it is to go through, to the server with that fault.
const (
	doorVar  = "STREAMSPEC_DOOR"
	faultVar = "STREAMSPEC_FAULT"
)

// only is what is judged at every door.
const only = "LIFE-1..3,CONC-1,CONC-2,FRAM-1..6,LINE-1..4,LINE-9,CODE-5,CLOS"

// faults are some that break several requirements, warnings among them, each deterministic; and none.
var faults = []string{"", "read-is-message", "first-line-only", "crlf-split", "never-closes", "serial"}

// serving starts a line server of this process that has a fault, none where it is "", until the test ends.
func serving(t testing.TB, fault string) *target.Target {
	h, _ := reference.HandlerFor("line")
	var s faulty.Server = reference.NewTCPServer(reference.Config{Addr: "127.0.0.1:0", Handler: h})
	if fault != "" {
		var err error
		if s, err = faulty.NewServer(fault, "line", reference.Config{Addr: "127.0.0.1:0"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.ServeForever() }() // which says that it was closed
	t.Cleanup(func() { _ = s.Close() })
	return target.InProcess(fault, s.Addr().String(), nil, nil, 0)
}

func config(t testing.TB, fault string) suite.Config {
	return suite.Config{Target: serving(t, fault), Dialect: "line", Only: only, Strict: true}
}

// TestDoors: the verdicts of suite.Run, suite.Test, ginkgosuite and the selftest are the same, for right servers and wrong ones.
func TestDoors(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a run for every door and fault")
	}
	if os.Getenv(doorVar) != "" {
		t.Skip("this is a child")
	}
	for _, fault := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			var doors sync.WaitGroup
			var goTest, inGinkgo map[string]string
			var broken []string
			doors.Go(func() { goTest = throughGoTest(t, fault) })
			doors.Go(func() { inGinkgo = throughGinkgo(t, fault) })
			doors.Go(func() { broken = throughSelftest(t, fault) })
			rep, err := suite.Run(t.Context(), config(t, fault))
			doors.Wait()
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, r := range rep.Results {
				failed, _ := suite.Failed(r, true)
				want[r.ID] = outcome(failed, r.Verdict == report.Skip)
			}
			if failed := slices.Contains(slices.Collect(maps.Values(want)), "fail"); failed != (fault != "") {
				t.Fatalf("the report: %s", rep.Sentence)
			}
			for door, got := range map[string]map[string]string{"go test": goTest, "ginkgo": inGinkgo} {
				if !maps.Equal(got, want) {
					t.Errorf("%s says %v, and the report %v", door, got, want)
				}
			}
			for id, verdict := range want {
				if slices.Contains(broken, id) != (verdict == "fail") {
					t.Errorf("the selftest has %s broken: %t, and the report says %s", id, slices.Contains(broken, id), verdict)
				}
			}
		})
	}
}

func outcome(failed, skipped bool) string {
	switch {
	case failed:
		return "fail"
	case skipped:
		return "skip"
	}
	return "pass"
}

// child runs this binary once more, as one door.
func child(t *testing.T, door, fault string, args ...string) string {
	t.Helper()
	ctx := realtime.Bounded(t)
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"-test.v"}, args...)...)
	cmd.Env = append(os.Environ(), doorVar+"="+door, faultVar+"="+fault)
	out, _ := cmd.CombinedOutput() // its status says that something failed, as it may
	if ctx.Err() != nil {
		t.Errorf("%s did not end: %s", door, out)
	}
	return string(out)
}

// subtest is what go test says of a requirement's.
var subtest = regexp.MustCompile(`(?m)^ +--- (PASS|FAIL|SKIP): TestChild/[A-Z]+/([A-Z]+-\d+) `)

// throughGoTest has a child judge the server by suite.Test.
func throughGoTest(t *testing.T, fault string) map[string]string {
	out := child(t, "gotest", fault, "-test.run", "^TestChild$")
	got := map[string]string{}
	for _, m := range subtest.FindAllStringSubmatch(out, -1) {
		got[m[2]] = strings.ToLower(m[1])
	}
	if len(got) == 0 {
		t.Errorf("go test says %s", out)
	}
	return got
}

// TestChild is suite.Test, in a child.
func TestChild(t *testing.T) {
	if os.Getenv(doorVar) != "gotest" {
		t.Skip("this is no child")
	}
	suite.Test(t, config(t, os.Getenv(faultVar)))
}

// throughGinkgo has a child judge the server by ginkgosuite.
func throughGinkgo(t *testing.T, fault string) map[string]string {
	file := filepath.Join(t.TempDir(), "report.json")
	out := child(t, "ginkgo", fault, "-test.run", "^TestGinkgoChild$", "-ginkgo.json-report", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v: %s", err, out)
		return nil
	}
	var reports []types.Report
	if err := json.Unmarshal(text, &reports); err != nil || len(reports) != 1 {
		t.Errorf("%v, %d reports: %s", err, len(reports), out)
		return nil
	}
	got := map[string]string{}
	for _, spec := range reports[0].SpecReports {
		id, _, isRequirement := strings.Cut(spec.LeafNodeText, " ")
		if spec.LeafNodeType != types.NodeTypeIt || !isRequirement || strings.Contains(spec.Failure.Message, "left out by the configuration") {
			continue
		}
		got[id] = outcome(spec.Failed(), spec.State.Is(types.SpecStateSkipped))
	}
	return got
}

// TestGinkgoChild is ginkgosuite, in a child.
func TestGinkgoChild(t *testing.T) {
	if os.Getenv(doorVar) != "ginkgo" {
		t.Skip("this is no child")
	}
	ginkgosuite.Describe("the server", "line", func() suite.Config { return config(t, os.Getenv(faultVar)) })
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "The contract")
}

// throughSelftest judges the fault as the selftest does, and returns what it breaks.
func throughSelftest(t *testing.T, fault string) []string {
	name, kind := fault, selftest.Fault
	if fault == "" {
		name, kind = selftest.Reference, selftest.Right
	}
	outcomes, err := selftest.Run(t.Context(), []selftest.Subject{{Name: name, Kind: kind, Dialect: "line"}}, selftest.Config{
		Launch: func(selftest.Subject) (*target.Launcher, error) {
			return target.NewLauncherArgs([]string{os.Args[0], "-test.run", "^TestServes$", "-test.v", "{host}:{port}"}, target.LauncherOptions{
				Env: []string{doorVar + "=serve", faultVar + "=" + fault, "GORACE=atexit_sleep_ms=0"},
			})
		},
		Only: func(selftest.Subject) []string { return strings.Split(only, ",") },
	})
	if err != nil || len(outcomes) != 1 {
		t.Errorf("%v, %d outcomes", err, len(outcomes))
		return nil
	}
	return outcomes[0].Broken
}

// TestServes is the server, in a child.
func TestServes(t *testing.T) {
	if os.Getenv(doorVar) != "serve" {
		t.Skip("this is no child")
	}
	cfg := reference.Config{Addr: os.Args[len(os.Args)-1]}
	cfg.Handler, _ = reference.HandlerFor("line")
	var s faulty.Server = reference.NewTCPServer(cfg)
	if fault := os.Getenv(faultVar); fault != "" {
		var err error
		if s, err = faulty.NewServer(fault, "line", cfg); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Log(s.ServeForever()) // until it is killed
}
