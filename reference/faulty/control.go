package faulty

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/odd"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// A Control is an unusual way to be right: the reference server with it looks odd
// and keeps the whole contract. A suite that blames it is wrong.
type Control struct {
	Name     string
	Sentence string   // what is odd about it
	Dialects []string // the dialects in which it shows
	// Exchanged says that it shows too where its first dialect is judged by an exchange file.
	Exchanged bool
	// Warned are the ids of the requirements of which it breaks what they recommend: a warning of these is right.
	Warned []string
	// Unjudged says that no suite can say more of it than why it cannot be judged: it gives everybody the same.
	Unjudged bool

	plant func(*plant.Changes)
}

// Controls returns every control, sorted by name.
func Controls() []Control {
	var controls []Control
	for _, c := range odd.Controls() {
		controls = append(controls, Control{Name: c.Name, Sentence: c.Sentence, Dialects: slices.Clone(c.Dialects), Exchanged: c.Exchanged, plant: c.Plant})
	}
	for _, c := range web.Odd() {
		controls = append(controls, Control{
			Name: c.Name, Sentence: c.Sentence, Dialects: slices.Clone(c.Dialects), Warned: slices.Clone(c.Warned), Unjudged: c.Unjudged, plant: c.Plant,
		})
	}
	slices.SortFunc(controls, func(a, b Control) int { return strings.Compare(a.Name, b.Name) })
	return controls
}

// LookupControl returns the control of that name.
func LookupControl(name string) (Control, bool) {
	controls := Controls()
	i := slices.IndexFunc(controls, func(c Control) bool { return c.Name == name })
	if i < 0 {
		return Control{}, false
	}
	return controls[i], true
}

// NewControl returns a server of the dialect with the control of that name. Of
// cfg, the Handler and Listen are its own. An unknown name or dialect is an error,
// and so is a dialect in which the control does not show.
func NewControl(name, dialect string, cfg reference.Config) (Server, error) {
	control, ok := LookupControl(name)
	if !ok {
		return nil, fmt.Errorf("faulty: no control is named %q", name)
	}
	right, ok := rightFor(dialect)
	if !ok {
		return nil, fmt.Errorf("faulty: no dialect is named %q", dialect)
	}
	if !slices.Contains(control.Dialects, dialect) {
		return nil, fmt.Errorf("faulty: %s shows in %s, not in %s", name, strings.Join(control.Dialects, ", "), dialect)
	}
	return plant.NewServer(control.plant, dialect, right, cfg), nil
}
