// Package outline reads the nodes of a YAML text that somebody has written: it says in words what is wrong, and where. The package is pure.
package outline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	yamltoken "github.com/goccy/go-yaml/token"
)

// A FileError says what is wrong with an exchange file, and where.
type FileError struct {
	Name         string // of the file
	Line, Column int    // from 1; 0 where the whole file is meant
	Problem      string // one sentence without a full stop
}

// Error returns "name:line:column: problem".
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Problem
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Problem)
}

// The bounds of a file.
const (
	MostFile  = 1 << 20 // bytes
	mostDepth = 32      // of what stands in one another
)

// Parse reads the text of a file of that name as YAML, one document, and returns its root, and what reads its nodes. The error is a
// *FileError.
func Parse(name string, text []byte) (ast.Node, *Reader, error) {
	root, err := parse(name, text)
	if err != nil {
		return nil, nil, err
	}
	return root, &Reader{name: name, Lines: strings.Split(string(text), "\n")}, nil
}

// parse is Parse without the reader.
func parse(name string, text []byte) (ast.Node, error) {
	fail := func(line, column int, format string, args ...any) (ast.Node, error) {
		return nil, &FileError{name, line, column, fmt.Sprintf(format, args...)}
	}
	if len(text) > MostFile {
		return fail(0, 0, "the file has %d bytes: %d at most", len(text), MostFile)
	}
	if i := firstInvalid(text); i >= 0 {
		line := 1 + strings.Count(string(text[:i]), "\n")
		return fail(line, i-strings.LastIndex(string(text[:i]), "\n"), "this is no YAML: byte %#x is no UTF-8 (write binary as hex, base64 or escaped)", text[i])
	}
	tokens := lexer.Tokenize(string(text))
	if t := tooDeep(tokens); t != nil {
		return fail(t.Position.Line, t.Position.Column, "more than %d things stand in one another", mostDepth)
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			at := syntax.GetToken().Position
			return fail(at.Line, at.Column, "this is no YAML: %s", syntax.GetMessage())
		}
		return fail(0, 0, "this is no YAML: %v", firstLine(err.Error()))
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return fail(0, 0, "the file is empty: it wants a protocol and exchanges")
	case 1:
		return bodies[0], nil
	}
	at := Position(bodies[1])
	return fail(at.Line, at.Column, "a second document begins here: one file is one protocol")
}

func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// tooDeep returns the token at which the things in one another become too many. The parser takes
// one call for each of them, and its input is anybody's.
func tooDeep(tokens yamltoken.Tokens) *yamltoken.Token {
	flow, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case yamltoken.SequenceStartType, yamltoken.MappingStartType:
			flow++
		case yamltoken.SequenceEndType, yamltoken.MappingEndType:
			flow--
		case yamltoken.SequenceEntryType, yamltoken.MappingKeyType:
			entries++
		}
		if flow > mostDepth || entries > mostDepth || t.Position.IndentLevel > mostDepth {
			return t
		}
	}
	return nil
}

// Position returns where a node begins.
func Position(n ast.Node) *yamltoken.Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return Position(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return Position(n.Key)
	case *ast.SequenceNode:
		if n.Start != nil {
			return n.Start.Position
		}
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position
	}
	return &yamltoken.Position{Line: 1, Column: 1}
}

// A Reader reads nodes, and remembers the first thing that is wrong.
type Reader struct {
	Lines    []string // of the file
	Err      *FileError
	Warnings []FileError // which point at what is read, and is hardly meant
	name     string
}

// Warn points at what is read, and is hardly meant.
func (r *Reader) Warn(n ast.Node, format string, args ...any) {
	at := Position(n)
	w := FileError{r.name, at.Line, at.Column, fmt.Sprintf(format, args...)}
	if len(r.Warnings) < mostWarnings && !slices.Contains(r.Warnings, w) {
		r.Warnings = append(r.Warnings, w)
	}
}

// mostWarnings is how many things are pointed at.
const mostWarnings = 20

// Fail notes what is wrong at a node; the first counts.
func (r *Reader) Fail(n ast.Node, format string, args ...any) {
	if r.Err == nil {
		at := Position(n)
		r.Err = &FileError{r.name, at.Line, at.Column, fmt.Sprintf(format, args...)}
	}
}

// A Field is one key of a mapping, with its value.
type Field struct {
	Key   string
	At    ast.Node // the key
	Value ast.Node
}

// Entries returns what stands in a mapping; ok is false where n is none.
func Entries(n ast.Node) (values []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// Fields returns what a mapping holds, in its order; known are the keys that it may have.
func (r *Reader) Fields(n ast.Node, what string, known ...string) []Field {
	values, ok := Entries(n)
	if !ok {
		r.Fail(n, "%s is %s, and should be keys with values: %s", what, kind(n), strings.Join(known, ", "))
		return nil
	}
	var all []Field
	for _, v := range values {
		key := v.Key.GetToken().Value
		if !slices.Contains(known, key) {
			r.Fail(v.Key, "%s has no key %s", what, suggestion(key, known))
			return nil
		}
		all = append(all, Field{key, v.Key, v.Value})
	}
	return all
}

// suggestion quotes a word that is none of known, and names the nearest of those.
func suggestion(word string, known []string) string {
	return fmt.Sprintf("%q: %s", Clipped(word), Hinted(word, known))
}

// Hinted asks for the nearest of known, or says all of them.
func Hinted(word string, known []string) string {
	word = Clipped(word)
	nearest := slices.MinFunc(known, func(a, b string) int {
		return cmp.Compare(levenshtein.ComputeDistance(word, a), levenshtein.ComputeDistance(word, b))
	})
	if levenshtein.ComputeDistance(word, nearest) <= max(2, len(nearest)/2) {
		return fmt.Sprintf("did you mean %s?", nearest)
	}
	return "it may have " + strings.Join(known, ", ")
}

// Clipped is the beginning of a word that is too long to be one.
func Clipped(word string) string {
	if len(word) > 40 {
		return word[:40] + "…"
	}
	return word
}

// kind says what a node is, in an author's words.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.NullNode:
		return "empty"
	case *ast.AliasNode, *ast.AnchorNode:
		return "an anchor or alias, which these files do not have"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	}
	return "a " + strings.ToLower(n.Type().String())
}

// List returns the entries of a list that is not empty.
func (r *Reader) List(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok || len(s.Values) == 0 {
		r.Fail(n, "%s is %s, and should be a list of one or more", what, kind(n))
		return nil
	}
	return s.Values
}

// Text returns the text of a scalar; a number is taken as it is written.
func (r *Reader) Text(n ast.Node, what string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value
	}
	r.Fail(n, "%s is %s, and should be a text (between double quotes where it is to have \\r\\n)", what, kind(n))
	return ""
}

// Bool returns true or false.
func (r *Reader) Bool(n ast.Node, what string) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.Fail(n, "%s is %s, and should be true or false", what, kind(n))
		return false
	}
	return b.Value
}

// Number returns an integer between least and most.
func (r *Reader) Number(n ast.Node, what string, least, most int) int {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		is := kind(n)
		switch s := n.(type) {
		case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
			is = Clipped(s.GetToken().Value)
		case *ast.StringNode: // also a number that is too large for any
			is = strconv.Quote(Clipped(s.Value))
		}
		r.Fail(n, "%s is %s, and should be a whole number from %d to %d", what, is, least, most)
		return least
	}
	value := -1
	switch v := i.Value.(type) {
	case int64:
		value = int(v)
	case uint64:
		value = int(min(v, 1<<62))
	}
	if value < least || value > most {
		r.Fail(n, "%s is %s, and should be from %d to %d", what, i.Token.Value, least, most)
		return least // what is read on until then is bounded too
	}
	return value
}

// Duration returns a length of time such as 30s, above 0 and at most an hour.
func (r *Reader) Duration(n ast.Node, what string) time.Duration {
	text := r.Text(n, what)
	d, err := time.ParseDuration(text)
	if r.Err == nil && (err != nil || d <= 0 || d > time.Hour) {
		r.Fail(n, "%s is %q, and should be a time such as 30s or 500ms, an hour at most", what, text)
	}
	return d
}

// Choice returns a text that is one of known.
func (r *Reader) Choice(n ast.Node, what string, known ...string) string {
	text := r.Text(n, what)
	if r.Err == nil && !slices.Contains(known, text) {
		r.Fail(n, "%s is no %s", what, suggestion(text, known))
	}
	return text
}
