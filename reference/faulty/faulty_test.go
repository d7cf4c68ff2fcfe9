//go:build linux

package faulty_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
)

// measured are the faults whose checks measure this process: nothing else may run meanwhile.
var measured = []string{"beginnings-kept", "busy-eof", "busy-idle", "fail-leaks", "full-ends-accepting", "full-spins", "history-kept", "leak-descriptor", "leak-memory", "leak-on-reset", "write-retried"}

// Every fault has a check that the right server passes and the faulty one does
// not, in every dialect that the fault names. The checks mostly wait, so they run
// beside one another.
func TestEveryFaultShows(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a server for every fault")
	}
	const beside = 8
	queue := make(chan func())
	var workers sync.WaitGroup
	for range beside {
		workers.Go(func() {
			for shows := range queue {
				shows()
			}
		})
	}
	var alone []func()
	for _, fault := range faulty.All() {
		if slices.Contains(fault.Dialects, "http1") { // internal/web shows these
			continue
		}
		check, ok := checks[fault.Name]
		if !ok {
			t.Errorf("%s: no check", fault.Name)
			continue
		}
		for _, dialect := range fault.Dialects {
			shows := func() {
				t.Run(fault.Name+"/"+dialect, func(t *testing.T) { faultShows(t, fault.Name, dialect, check) })
			}
			if slices.Contains(measured, fault.Name) {
				alone = append(alone, shows)
				continue
			}
			queue <- shows
		}
	}
	close(queue)
	workers.Wait()
	for _, shows := range alone {
		shows()
	}
}

// faultShows checks a right server, and the faulty one.
func faultShows(t *testing.T, name, dialect string, check check) {
	handler, _ := reference.HandlerFor(dialect)
	right := reference.NewTCPServer(reference.Config{Handler: handler})
	began := time.Now()
	if err := check(start(t, right, patience), dialect); err != nil {
		t.Errorf("the right server: %v", err)
	}
	took := time.Since(began)
	wrong, err := faulty.NewServer(name, dialect, reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := check(start(t, wrong, impatience(took)), dialect); err == nil {
		t.Error("the fault does not show")
	} else {
		t.Log(err)
	}
}

// patience is the time in which what is right comes.
const patience = time.Minute

// impatience sees that nothing comes, where that is the fault: several times what the
// right server took just now, so that a fault is not seen in a slow machine.
func impatience(took time.Duration) time.Duration {
	return min(250*time.Millisecond+4*took, patience/2)
}

func TestFaultsAreDescribed(t *testing.T) {
	all := faulty.All()
	if !slices.IsSortedFunc(all, func(a, b faulty.Fault) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted by name")
	}
	for i, fault := range all {
		if i > 0 && all[i-1].Name == fault.Name {
			t.Errorf("%s is there twice", fault.Name)
		}
		if fault.Sentence == "" || fault.Requirement == "" || fault.Mistake == "" || len(fault.Dialects) == 0 {
			t.Errorf("%s is not described: %+v", fault.Name, fault)
		}
		if found, ok := faulty.Lookup(fault.Name); !ok || found.Sentence != fault.Sentence {
			t.Errorf("Lookup(%q) = %+v, %v", fault.Name, found, ok)
		}
	}
	if _, ok := faulty.Lookup("none"); ok {
		t.Error("Lookup finds what does not exist")
	}
	for name := range checks {
		if _, ok := faulty.Lookup(name); !ok {
			t.Errorf("a check for %s, which does not exist", name)
		}
	}
}

func TestNewServerRefuses(t *testing.T) {
	for _, call := range []struct{ name, dialect, complaint string }{
		{"none", "line", `no fault is named "none"`},
		{"sink", "exchange", `no dialect is named "exchange"`},
		{"early-send", "echo", "early-send shows in script, not in echo"},
	} {
		_, err := faulty.NewServer(call.name, call.dialect, reference.Config{})
		if err == nil || !strings.Contains(err.Error(), call.complaint) {
			t.Errorf("NewServer(%q, %q): %v, want %q", call.name, call.dialect, err, call.complaint)
		}
	}
}
