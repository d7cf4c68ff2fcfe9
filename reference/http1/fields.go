package http1

import (
	"iter"
	"strings"
)

// A Field is a field line: a name as it was sent, and a value without the white space
// around it, whose octets above 7F are opaque (RFC 9110, section 5.5; HFLD-11, HFLD-14).
type Field struct {
	Name, Value string
}

// Fields are field lines in the order in which they came. Names are compared without
// regard to case (RFC 9110, section 5.1; HFLD-13).
type Fields []Field

// Get returns the value of the first line of that name, or "" where there is none.
func (f Fields) Get(name string) string {
	for value := range f.Values(name) {
		return value
	}
	return ""
}

// Has says whether there is a line of that name.
func (f Fields) Has(name string) bool {
	for range f.Values(name) {
		return true
	}
	return false
}

// Values returns the values of all lines of that name, in order.
func (f Fields) Values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, field := range f {
			if sameName(field.Name, name) && !yield(field.Value) {
				return
			}
		}
	}
}

// Members returns the members of the lists in all lines of that name, in order,
// without the empty ones (RFC 9110, section 5.6.1). A comma inside a quoted string is
// taken for one between members.
func (f Fields) Members(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for value := range f.Values(name) {
			for member := range strings.SplitSeq(value, ",") {
				if member = trim(member); member != "" && !yield(member) {
					return
				}
			}
		}
	}
}

// sameName says whether two names of fields are the same; both are tokens, of ASCII alone.
func sameName(a, b string) bool {
	return len(a) == len(b) && strings.EqualFold(a, b)
}

// hasMember says whether a list has that member, which is in lower case.
func (f Fields) hasMember(name, lower string) bool {
	for member := range f.Members(name) {
		if equalFold(member, lower) {
			return true
		}
	}
	return false
}
