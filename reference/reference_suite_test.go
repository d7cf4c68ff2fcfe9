package reference_test

import (
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
)

var specsRan atomic.Bool

func TestReference(t *testing.T) {
	if !specsRan.CompareAndSwap(false, true) {
		t.Skip("ginkgo runs its tree once in a process; for more, repeat the command, not -count")
	}
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "Reference")
}

// patience bounds every wait for something that must come.
const patience = 10 * time.Second

// Whatever a spec started has ended when it has.
var _ = BeforeEach(func() {
	before := gleak.Goroutines()
	DeferCleanup(func() {
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})
})
