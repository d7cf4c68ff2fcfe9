package exchange

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/exchange/outline"
)

// A Capture is a value of an answer that is used later on its connection, where its name stands between braces.
type Capture struct {
	Name string
	mask *observed.Mask // which takes all of what is found; its first group, if it has one, is the value
}

// mostCaptured is how far into an answer a value is looked for.
const mostCaptured = 64 << 10

// of finds the value in an answer.
func (c *Capture) of(answer []byte) (value string, ok bool) {
	return c.mask.First(answer[:min(len(answer), mostCaptured)])
}

// named are the names of captures.
func named(captures []Capture) (names []string) {
	for _, c := range captures {
		names = append(names, c.Name)
	}
	return names
}

// captures reads one capture, or a list of such.
func (r *reader) captures(n ast.Node) []Capture {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = r.List(list, "capture")
	}
	var all []Capture
	for _, n := range nodes {
		var c Capture
		for _, f := range r.Fields(n, "capture", "name", "pattern") {
			if f.Key == "name" {
				c.Name = r.Text(f.Value, "name")
				if braced := "{{" + c.Name + "}}"; r.Err == nil && (c.Name == "conn" || nameInBraces.FindString(braced) != braced) {
					r.Fail(f.Value, "%q is no name for what is captured: it is a letter, and letters, digits, - and _ behind it, and not conn", outline.Clipped(c.Name))
				}
				continue
			}
			expr := r.Text(f.Value, "pattern")
			m, err := observed.NewMask("captured", expr)
			if err != nil {
				r.Fail(f.Value, "%v", err)
			}
			c.mask = &m
		}
		if r.Err == nil && (c.Name == "" || c.mask == nil) {
			r.Fail(n, "capture wants name and pattern: what {{name}} means, and where it is found in the answer")
		}
		all = append(all, c)
	}
	return all
}

// captured are the names that are captured anywhere below a node.
func captured(n ast.Node) (names []string) {
	values, _ := outline.Entries(n)
	for _, v := range values {
		if v.Key.GetToken().Value == "capture" {
			names = append(names, namesOf(v.Value)...)
		}
		names = append(names, captured(v.Value)...)
	}
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, entry := range list.Values {
			names = append(names, captured(entry)...)
		}
	}
	return names
}

// namesOf are the names that a capture, or a list of such, gives.
func namesOf(n ast.Node) (names []string) {
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, entry := range list.Values {
			names = append(names, namesOf(entry)...)
		}
		return names
	}
	values, _ := outline.Entries(n)
	for _, v := range values {
		if t := v.Value.GetToken(); v.Key.GetToken().Value == "name" && t != nil {
			names = append(names, t.Value)
		}
	}
	return names
}

// order refuses a name that is used where nothing of that name was captured before.
func (r *reader) order(n ast.Node, f *File) {
	known := []string{"conn"}
	learn := func(all []Capture) { known = append(known, named(all)...) }
	use := func(n ast.Node, what string, s Step) {
		for _, name := range s.names() {
			if !slices.Contains(known, name) {
				r.Fail(n, "%s uses {{%s}}, which is captured in no answer before it", what, name)
			}
		}
		learn(s.Captures)
	}
	learn(f.Captures)
	for _, s := range f.Setup {
		use(n, "the set-up", s)
	}
	if f.Leave != nil {
		use(n, "leave", *f.Leave)
	}
	all := known
	list, _ := n.(*ast.SequenceNode)
	for i, m := range f.Messages {
		known = slices.Clone(all)
		for _, s := range m.Before {
			use(list.Values[i], fmt.Sprintf("before %q", m.Name), s)
		}
		use(list.Values[i], fmt.Sprintf("the exchange %q", m.Name), m.Step)
	}
}

// names are those that stand in the step.
func (s *Step) names() []string {
	all := s.Send.names()
	for _, p := range s.Expect {
		all = append(append(all, p.value.names()...), p.names...)
	}
	return all
}

// capturedOf adds to names what the answers to steps hold of what is captured there. The error says what an answer lacks.
func capturedOf(n Names, steps []Step, answers [][]byte) (Names, error) {
	for i, s := range steps[:min(len(steps), len(answers))] {
		for _, c := range s.Captures {
			value, ok := c.of(answers[i])
			if !ok {
				return n, fmt.Errorf("the answer does not hold what {{%s}} is captured by, %s", c.Name, c.mask)
			}
			n = n.With(c.Name, value)
		}
	}
	return n, nil
}

// stores are words by which clients write what others may read.
var stores = regexp.MustCompile(`(?i)\b(?:SET|PUT|ADD|STORE|WRITE|INSERT|UPDATE|REPLACE|APPEND|L?PUSH|RPUSH|SADD|HSET|INCR|DECR|DEL|DELETE|PUB|PUBLISH|POST)\b`)

// sharing points at exchanges that may write the same for all connections.
func (r *reader) sharing(n ast.Node, f *File) {
	for _, s := range f.Setup {
		if s.Send.Named() {
			return // the connection has a place of its own
		}
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return
	}
	first := -1
	for i, m := range f.Messages {
		word := stores.FindString(string(m.Send.Bytes(Conn)))
		if word == "" || m.Send.Named() {
			continue
		}
		if first >= 0 {
			r.Warn(list.Values[i], "%q and %q say %s without {{conn}}: what they write may be the same for all connections, and one then reads what another wrote; give each connection a key of its own, such as key:{{conn}}", f.Messages[first].Name, m.Name, strings.ToUpper(word))
			return
		}
		first = i
	}
}

// messagesOf is the list of exchanges.
func messagesOf(root ast.Node) ast.Node {
	values, _ := outline.Entries(root)
	for _, v := range values {
		if v.Key.GetToken().Value == "exchanges" {
			return v.Value
		}
	}
	return nil
}
