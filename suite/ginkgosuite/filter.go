package ginkgosuite

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// A spec is what ginkgo's filters look at, but for what stands around the container.
type spec struct {
	id, family, text string
	labels           []string // of the spec and of its family
	where            types.CodeLocation
}

// leftOut returns the ids of the specs that ginkgo's filters leave out, where current is one of those that run. It knows neither
// the description of the whole suite nor its labels, which ginkgo shows to nobody, so it may err to both sides: where it would
// leave out the current spec it leaves out nothing.
func leftOut(specs []spec, filters types.SuiteConfig, current types.SpecReport) map[string]bool {
	runs := filterOf(filters)
	out := map[string]bool{}
	for _, s := range specs {
		texts := slices.Concat(beforeLast(current.ContainerHierarchyTexts), []string{s.family, s.text})
		labels := slices.Concat(slices.Concat(beforeLast(current.ContainerHierarchyLabels)...), s.labels)
		places := slices.Concat(current.ContainerHierarchyLocations, []types.CodeLocation{s.where})
		if runs(strings.Join(texts, " "), labels, places) {
			continue
		}
		if s.text == current.LeafNodeText {
			return nil
		}
		out[s.id] = true
	}
	return out
}

// filterOf is what --focus, --skip, --label-filter and --focus-file let through. What cannot be read lets all through: ginkgo has
// refused it.
func filterOf(c types.SuiteConfig) func(text string, labels []string, places []types.CodeLocation) bool {
	focus := expression(c.FocusStrings)
	skip := expression(c.SkipStrings)
	labelled, err := types.ParseLabelFilter(c.LabelFilter)
	if c.LabelFilter == "" || err != nil {
		labelled = func([]string) bool { return true }
	}
	files, err := types.ParseFileFilters(c.FocusFiles)
	if err != nil {
		files = nil
	}
	return func(text string, labels []string, places []types.CodeLocation) bool {
		return (focus == nil || focus.MatchString(text)) && (skip == nil || !skip.MatchString(text)) && labelled(labels) &&
			(len(files) == 0 || files.Matches(places))
	}
}

// expression is the one that several flags make together; nil for none.
func expression(texts []string) *regexp.Regexp {
	if len(texts) == 0 {
		return nil
	}
	e, err := regexp.Compile(strings.Join(texts, "|"))
	if err != nil {
		return nil
	}
	return e
}

func beforeLast[T any](s []T) []T { return s[:max(len(s)-1, 0)] }
