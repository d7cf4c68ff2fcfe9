package exchange

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/exchange/outline"
)

// Additions are what is added to a file as it was read, in the words of the command line.
type Additions struct {
	Masks  []string // NAME=PATTERN
	Limits []string // clients=N, idle=30s, messages=N or polite=true
	Values []string // NAME=VALUE, which [Parse] takes
}

// Empty reports whether nothing is added.
func (a Additions) Empty() bool { return len(a.Masks)+len(a.Limits)+len(a.Values) == 0 }

// To adds them to a file. The error says which of them cannot be meant, and why.
func (a Additions) To(f *File) error {
	for _, text := range a.Masks {
		name, expr, ok := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || expr == "" {
			return fmt.Errorf("--mask wants NAME=PATTERN, such as 'request id=id=[0-9a-f]+', not %q", outline.Clipped(text))
		}
		m, err := observed.NewMask(name, expr)
		if err != nil {
			return fmt.Errorf("--mask %s: %w", name, err)
		}
		f.Masks = append(f.Masks, m)
	}
	for _, text := range a.Limits {
		if err := f.limit(text); err != nil {
			return err
		}
	}
	return nil
}

// limit sets a limit of the file.
func (f *File) limit(text string) error {
	key, value, _ := strings.Cut(text, "=")
	switch key {
	case "clients":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > mostClients {
			return fmt.Errorf("--limit clients wants a number from 1 to %d, not %q", mostClients, outline.Clipped(value))
		}
		f.Limits.Clients = n
	case "idle":
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 || d > time.Hour {
			return fmt.Errorf("--limit idle wants a time such as 30s or 500ms, an hour at most, not %q", outline.Clipped(value))
		}
		f.Limits.Idle = d
	case "messages":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > mostClients {
			return fmt.Errorf("--limit messages wants a number from 1 to %d, not %q", mostClients, outline.Clipped(value))
		}
		f.Limits.Messages = n
	case "polite":
		if value != "true" && value != "false" {
			return fmt.Errorf("--limit polite wants true or false, not %q", outline.Clipped(value))
		}
		f.Limits.Polite = value == "true"
	default:
		return fmt.Errorf("--limit wants clients=N, idle=30s, messages=N or polite=true, not %q", outline.Clipped(text))
	}
	return nil
}

// given reads the values of a file, which stand wherever their names do between braces, and sets those that are said otherwise.
func (r *reader) given(file string, root ast.Node, set []string) {
	entries, _ := outline.Entries(root)
	for _, e := range entries {
		if e.Key.GetToken().Value != "values" {
			continue
		}
		all, ok := outline.Entries(e.Value)
		if !ok {
			r.Fail(e.Value, "values should be a mapping of names and what they mean, such as path: /")
		}
		for _, v := range all {
			name := v.Key.GetToken().Value
			if braced := "{{" + name + "}}"; slices.Contains(r.names, name) || nameInBraces.FindString(braced) != braced {
				r.Fail(v, "%q is no name for a value: it is a letter, and letters, digits, - and _ behind it, not conn, and nothing that is captured", outline.Clipped(name))
			}
			r.values[name] = r.Text(v.Value, name)
		}
	}
	for _, text := range set {
		name, value, ok := strings.Cut(text, "=")
		if _, known := r.values[name]; !(ok && known) && r.Err == nil {
			known := strings.Join(slices.Sorted(maps.Keys(r.values)), ", ")
			r.Err = &FileError{Name: file, Problem: fmt.Sprintf("--set wants NAME=VALUE, with the name of a value of the file, not %q: it has %s", outline.Clipped(text), cmp.Or(known, "none"))}
		}
		r.values[name] = value
	}
}

// filled is a text with the values in the place of their names, as they are written there.
func (r *reader) filled(n ast.Node, text string, as func(string) string) string {
	var pairs []string
	size := len(text)
	for name, value := range r.values {
		braced := "{{" + name + "}}"
		size += strings.Count(text, braced) * len(value)
		pairs = append(pairs, braced, as(value))
	}
	if size > mostValue {
		r.Fail(n, "a text comes to %d bytes with its values: %d at most", size, mostValue)
		return text
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// quoted is how a value is written in a regular expression.
func (r *reader) quoted(value string) string {
	value = regexp.QuoteMeta(value)
	for _, name := range r.names {
		braced := "{{" + name + "}}"
		value = strings.ReplaceAll(value, regexp.QuoteMeta(braced), braced)
	}
	return value
}

// asItIs and escaped are how a value is written in a text that means itself, and in one with escapes.
func asItIs(value string) string  { return value }
func escaped(value string) string { return strings.ReplaceAll(value, `\`, `\\`) }

// mostClients bounds how many clients, or messages, a limit may be of.
const mostClients = 1_000_000
