package observed

import "bytes"

// Alike says whether another template's example is a right answer by this one too, on the connection of that name.
func (t *Template) Alike(other *Template, conn string) bool {
	example, like := t.For(conn)
	others, _ := other.For(conn)
	return bytes.Equal(example, others) || like != nil && like.Matches(others)
}
