package exchange

import "bytes"

// Alike says whether the server answers all messages of the file with the same, so that nothing tells its answers apart from those of
// a server that says one thing to whatever it is sent; of how many messages, too. Where the file says by itself what every answer must
// be, or has one message alone, that is no matter.
func (d *Dialect) Alike() (messages int, alike bool) {
	stable := d.stable()
	learned := false
	for _, i := range stable {
		learned = learned || len(d.File.Messages[i].Expect) == 0
		if !d.known[stable[0]].answer.alike(d.known[i].answer) {
			return len(stable), false
		}
	}
	return len(stable), learned && len(stable) > 1
}

// alike says whether another template's example is a right answer by this one too.
func (t *Template) alike(other *Template) bool {
	example, like := t.For(unnamed)
	others, _ := other.For(unnamed)
	return bytes.Equal(example, others) || like != nil && like.Matches(others)
}
