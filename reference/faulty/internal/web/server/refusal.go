package server

// A Refusal is why a request is not answered as it was meant, as its status. It is an error.
type Refusal struct {
	Status int
	text   string
}

func (r *Refusal) Error() string { return r.text }

// Refusing refuses with a status.
func Refusing(status int, text string) *Refusal { return &Refusal{status, text} }

// Malformed refuses what does not match the grammar.
func Malformed(text string) *Refusal { return Refusing(400, text) }
