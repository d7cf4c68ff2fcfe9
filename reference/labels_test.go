package reference_test

import (
	"regexp"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/streamspec/streamspec/suite"
)

// TestLabels holds the labels of the specs against the catalogue: each requirement
// on the handler's operations is shown by a spec, and no label names one that
// does not exist.
func TestLabels(t *testing.T) {
	labelled := map[string]bool{}
	for _, spec := range PreviewSpecs("Reference").SpecReports {
		for _, label := range spec.Labels() {
			labelled[label] = labelled[label] || spec.LeafNodeType == types.NodeTypeIt && spec.State != types.SpecStatePending
		}
	}
	known := map[string]bool{}
	for _, r := range suite.Catalogue() {
		known[r.ID] = true
		switch r.Family {
		case "LINE", "READ", "CODE", "SEND":
			if !labelled[r.ID] {
				t.Errorf("no spec has the label %s: %s", r.ID, r.Title)
			}
		}
	}
	for label := range labelled {
		if regexp.MustCompile(`^[A-Z]+-[0-9]+$`).MatchString(label) && !known[label] {
			t.Errorf("the label %s is of no requirement", label)
		}
	}
}
