package http1_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// families has how many requirements of the http1 contract each family has.
var families = map[string]int{"HREQ": 17, "HFLD": 17, "HLEN": 17, "HCHK": 14, "HCON": 17, "HSEM": 10, "SMUG": 7}

// TestLabels holds that each requirement on a server's conduct is shown by a spec, and that no
// label names one that does not exist. SMUG-8 is on two servers.
func TestLabels(t *testing.T) {
	labelled := map[string]bool{}
	for _, spec := range PreviewSpecs("HTTP/1.1").SpecReports {
		for _, label := range spec.Labels() {
			labelled[label] = labelled[label] || spec.LeafNodeType == types.NodeTypeIt && spec.State != types.SpecStatePending
		}
	}
	for family, n := range families {
		for i := range n {
			id := fmt.Sprintf("%s-%d", family, i+1)
			if !labelled[id] {
				t.Errorf("no spec has the label %s", id)
			}
			delete(labelled, id)
		}
	}
	for label := range labelled {
		t.Errorf("the label %s is of no requirement", label)
	}
}
