package ginkgosuite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/internal/dialects"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/ginkgosuite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestMain runs the specs or, when its first argument is "serve", the reference server.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		if err := serve(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serve(name, addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	h, _ := reference.HandlerFor(name)
	s := reference.NewTCPServer(reference.Config{Addr: addr, Handler: h})
	if err := s.Listen(); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeForever() }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := s.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

func TestContract(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "The contract, over the reference server")
}

// targets are the reference servers of this process by their dialect. They are
// there when the first spec runs, and not when the tree is made.
var (
	targets    = map[string]*target.Target{}
	configured sync.Map
)

var _ = BeforeSuite(func(ctx SpecContext) {
	exe, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	for _, d := range dialect.All() {
		h, ok := reference.HandlerFor(d.Name())
		Expect(ok).To(BeTrue())
		server := reference.NewTCPServer(reference.Config{Handler: h})
		Expect(server.Listen()).To(Succeed())
		served := make(chan error, 1)
		go func() { served <- server.ServeForever() }()
		// A binary with the race detector would take a second to end.
		l, err := target.NewLauncherArgs([]string{exe, "serve", d.Name(), "{host}:{port}"}, target.LauncherOptions{Env: []string{"GORACE=atexit_sleep_ms=0"}})
		Expect(err).NotTo(HaveOccurred())
		t := target.InProcess("reference", server.Addr().String(), server.Shutdown, l, 0)
		targets[d.Name()] = t
		if d.Name() == "echo" {
			address = t.Address
		}
		DeferCleanup(func(ctx SpecContext) {
			Expect(t.Close(ctx)).To(Succeed())
			Expect(<-served).To(MatchError(reference.ErrServerClosed))
		})
	}
	serveHTTP()
})

// serveHTTP serves HTTP/1.1 in this process alone: of it a part is judged.
func serveHTTP() {
	server := reference.NewTCPServer(reference.Config{Handler: http1.Demo})
	Expect(server.Listen()).To(Succeed())
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	httpAddress = server.Addr().String()
	DeferCleanup(func() {
		Expect(server.Close()).To(Succeed())
		Expect(<-served).To(MatchError(reference.ErrServerClosed))
	})
}

var _ = func() bool {
	for _, d := range dialect.All() {
		ginkgosuite.Describe("the reference server as "+d.Name(), d.Name(), func() suite.Config {
			if _, again := configured.LoadOrStore(d.Name(), true); again {
				panic("the configuration of " + d.Name() + " was asked for twice")
			}
			return suite.Config{
				Target: targets[d.Name()], Strict: true,
				Reader:   func(rw io.ReadWriter) suite.Reader { return reference.NewStreamHandler(rw, reference.Config{}) },
				Progress: judged{},
			}
		})
	}
	return true
}()

// TestFocus: what ginkgo's own flags leave out is not judged, and what they turn out to let through after all is.
func TestFocus(t *testing.T) {
	for _, c := range []struct{ name, flags, judged, passed string }{
		{"an expression", "-ginkgo.focus=as echo FRAM.*FRAM-1 ", "FRAM-1", "Ran 1 of"},
		{"a label", "-ginkgo.label-filter=dialect:echo && family:FLOW && level:should", "FLOW-4 FLOW-2", "Ran 2 of"},
		{"a server of HTTP", "-ginkgo.focus=my HTTP server", "", "Ran 2 of"}, // as its configuration says, which tells nobody
		// Nobody but ginkgo knows the description of the whole.
		{"the description of the whole", "-ginkgo.focus=as echo LIFE.*LIFE-1 |^The contract.* as echo FRAM.*FRAM-1 ", "LIFE-1 and all", "Ran 2 of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestContract$", "-ginkgo.no-color", c.flags)
			cmd.Env = append(os.Environ(), "STREAMSPEC_JUDGED=1")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var judged []string
			for _, found := range regexp.MustCompile(`judged (\S+)`).FindAllSubmatch(out, -1) {
				judged = append(judged, string(found[1]))
			}
			got := strings.Join(judged, " ")
			if first, all, _ := strings.Cut(got, " "); strings.HasSuffix(c.judged, " and all") && strings.Count(all, " ") > 20 {
				got = first + " and all"
			}
			if got != c.judged || !strings.Contains(string(out), c.passed) {
				t.Errorf("judged %s\n%s", got, out)
			}
		})
	}
}

// judged tells TestFocus what is judged.
type judged struct{}

func (judged) Start(string) {}

func (judged) Done(r report.Result) {
	if os.Getenv("STREAMSPEC_JUDGED") != "" {
		fmt.Println("judged", r.ID)
	}
}

// The examples stand in the tree. What they leave out is left out by their own configuration, and says so.
var _ = func() bool {
	ExampleDescribe()
	ExampleDescribe_http()
	return true
}()

var _ = ReportAfterSuite("the tree", func(r types.Report) {
	if r.SuiteConfig.FocusStrings != nil || r.SuiteConfig.LabelFilter != "" || r.SuiteConfig.DryRun {
		return // a part of it was asked for
	}
	specs, parts := map[string]int{}, map[string]map[string]int{"my server": {}, "my HTTP server": {}}
	for _, spec := range r.SpecReports {
		if spec.LeafNodeType != types.NodeTypeIt {
			continue
		}
		container := spec.ContainerHierarchyTexts[0]
		if part := parts[container]; part != nil {
			part[spec.State.String()]++
			continue
		}
		Expect(spec.State).To(Equal(types.SpecStatePassed), "%s: %s", spec.FullText(), spec.State)
		specs[container]++
		id, _, _ := strings.Cut(spec.LeafNodeText, " ")
		req, ok := suite.Lookup(id)
		Expect(ok).To(BeTrue(), "%s is no requirement", id)
		_, name, _ := strings.Cut(container, " as ")
		Expect(spec.Labels()).To(ConsistOf("dialect:"+name, "family:"+req.Family, "level:"+strings.ToLower(string(req.Level))))
		Expect(spec.LeafNodeLocation.LineNumber).To(BeNumerically(">", 0))
		Expect(filepath.ToSlash(spec.LeafNodeLocation.FileName)).To(ContainSubstring("/internal/rules/"), spec.LeafNodeLocation.String())
		Expect(filepath.Base(spec.LeafNodeLocation.FileName)).NotTo(ContainSubstring("ginkgosuite"))
	}
	for _, d := range dialect.All() {
		Expect(specs["the reference server as "+d.Name()]).To(Equal(len(rules.Shows(d))), d.Name())
	}
	Expect(parts["my server"]).To(Equal(map[string]int{"passed": 1, "skipped": specs["the reference server as echo"] - 1}))
	web, _ := dialects.Lookup("http1")
	Expect(parts["my HTTP server"]).To(Equal(map[string]int{"passed": 2, "skipped": len(rules.Shows(web)) - 2}))
})
