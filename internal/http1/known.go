package http1

import (
	"bytes"
	"slices"
)

// A Known is what a server answers to one request, by what it has answered several times. Where its content is not the same each time,
// what varies in it is left out of comparisons; where its length varies, all of it is.
type Known struct {
	Status  int
	Framing Framing
	Content []byte // as it came first, up to what a [Reader] keeps
	varies  []bool // which of its bytes; nil where none do
	free    bool   // any content is right
}

// Learn makes a Known of several answers to the same request; ok is false where their statuses or framings differ, and where there are none.
func Learn(answers []*Answer) (k Known, ok bool) {
	if len(answers) == 0 {
		return k, false
	}
	first := answers[0]
	k = Known{Status: first.Status, Framing: first.Framing, Content: first.Content}
	for _, a := range answers[1:] {
		if a.Status != k.Status || a.Framing != k.Framing {
			return Known{}, false
		}
		if a.Size != first.Size || len(a.Content) != len(k.Content) {
			k.free = true
			continue
		}
		for i, b := range a.Content {
			if b != k.Content[i] {
				if k.varies == nil {
					k.varies = make([]bool, len(k.Content))
				}
				k.varies[i] = true
			}
		}
	}
	k.widen()
	return k, true
}

// widen has all of a word or a number vary of which a byte does: it was by chance that the others were the same.
func (k *Known) widen() {
	for i := range k.varies {
		if !k.varies[i] {
			continue
		}
		for j := i - 1; j >= 0 && isWord(k.Content[j]) && !k.varies[j]; j-- {
			k.varies[j] = true
		}
		for j := i + 1; j < len(k.Content) && isWord(k.Content[j]) && !k.varies[j]; j++ {
			k.varies[j] = true
		}
	}
}

func isWord(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// Is says whether an answer is the known one: by its status, and by its content where it has any.
func (k Known) Is(a *Answer) bool {
	if a == nil || !a.Whole || a.Status != k.Status {
		return false
	}
	if k.free || k.Framing == None || a.Framing == None { // to HEAD, the content of which is not seen
		return true
	}
	if k.varies == nil {
		return bytes.Equal(a.Content, k.Content)
	}
	if len(a.Content) != len(k.Content) {
		return false
	}
	for i, b := range a.Content {
		if b != k.Content[i] && !k.varies[i] {
			return false
		}
	}
	return true
}

// Tells says whether two answers can be told apart by what is known of them.
func (k Known) Tells(other Known) bool {
	if k.Status != other.Status {
		return true
	}
	if k.free || other.free || k.Framing == None || other.Framing == None {
		return false
	}
	if len(k.Content) != len(other.Content) {
		return true
	}
	for i, b := range k.Content {
		if b != other.Content[i] && (k.varies == nil || !k.varies[i]) && (other.varies == nil || !other.varies[i]) {
			return true
		}
	}
	return false
}

// Varying are the parts of the content that vary, as offsets from and to.
func (k Known) Varying() (parts [][2]int) {
	for i := 0; i < len(k.varies); {
		n := slices.Index(k.varies[i:], true)
		if n < 0 {
			break
		}
		from := i + n
		to := from
		for to < len(k.varies) && k.varies[to] {
			to++
		}
		parts = append(parts, [2]int{from, to})
		i = to
	}
	return parts
}
