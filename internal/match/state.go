package match

import "bytes"

// A State is how far an answer has come in a pattern. It is made by [Pattern.Start].
type State struct {
	parts    []part
	texts    []at             // threads that are not inside expressions, in no order
	progs    map[int]*threads // threads inside the expression of a part
	spare    map[int]*threads // sets to be used again
	complete bool             // what was taken is a whole answer
}

// at is a thread's place inside a text or a machine.
type at struct {
	part int
	pos  int    // bytes of it that were taken
	walk walker // of a machine
}

// Start returns the state before the first byte.
func (p *Pattern) Start() *State {
	s := &State{parts: p.parts, progs: map[int]*threads{}, spare: map[int]*threads{}}
	s.enter(0, s.progs, &s.texts)
	return s
}

// enter puts a thread before the part i, and before those behind it for as long as they may be empty.
func (s *State) enter(i int, progs map[int]*threads, texts *[]at) {
	for ; i < len(s.parts); i++ {
		p := s.parts[i]
		if p.prog == nil {
			for _, t := range *texts {
				if t.part == i && t.pos == 0 {
					return
				}
			}
			t := at{part: i}
			if p.machine != nil {
				t.walk = p.machine.start()
			}
			*texts = append(*texts, t)
			return
		}
		set := s.set(i, progs)
		before := set.matched
		p.prog.add(set, p.prog.start)
		if !set.matched || before { // what is behind it was entered already
			return
		}
	}
	s.complete = true
}

// set returns the set of threads of part i in progs, a new one when there is none.
func (s *State) set(i int, progs map[int]*threads) *threads {
	if t := progs[i]; t != nil {
		return t
	}
	t := s.spare[i]
	if t == nil {
		t = &threads{sparse: make([]uint32, len(s.parts[i].prog.insts))}
	}
	delete(s.spare, i)
	t.clear()
	progs[i] = t
	return t
}

// Take takes the next bytes of the answer and returns how many of them agree
// with a right one: fewer than len(b) when no right answer has the byte behind them. Nothing agrees after that.
func (s *State) Take(b []byte) (agreed int) {
	for agreed < len(b) {
		if n := s.run(b[agreed:]); n > 0 {
			agreed += n
			continue
		}
		if !s.step(b[agreed]) {
			return agreed
		}
		agreed++
	}
	return agreed
}

// run takes as many bytes as one thread alone agrees with, but for the last one of its part.
func (s *State) run(b []byte) int {
	if len(s.texts) != 1 || len(s.progs) > 0 || s.complete {
		return 0
	}
	t := &s.texts[0]
	p := s.parts[t.part]
	if t.walk != nil {
		n := t.walk.run(b)
		t.pos += n
		return n
	}
	text := p.text
	rest := text[t.pos : len(text)-1]
	n := min(len(rest), len(b))
	if !bytes.Equal(rest[:n], b[:n]) {
		for n = 0; rest[n] == b[n]; n++ {
		}
	}
	t.pos += n
	return n
}

// step takes one byte, and reports whether any right answer has it.
func (s *State) step(b byte) bool {
	texts, progs := s.texts, s.progs
	s.texts, s.progs, s.complete = nil, map[int]*threads{}, false
	for _, t := range texts {
		s.stepText(t, b)
	}
	for i, set := range progs {
		next := s.set(i, s.progs)
		before := next.matched
		s.parts[i].prog.advance(set, next, b)
		if next.matched && !before {
			s.enter(i+1, s.progs, &s.texts)
		}
	}
	for i, set := range progs {
		s.spare[i] = set
	}
	for i, set := range s.progs {
		if len(set.dense) == 0 {
			s.spare[i] = set
			delete(s.progs, i)
		}
	}
	return len(s.texts) > 0 || len(s.progs) > 0 || s.complete
}

// stepText moves a thread that is not inside an expression by the byte b, or ends it.
func (s *State) stepText(t at, b byte) {
	p := s.parts[t.part]
	t.pos++
	if t.walk == nil {
		if p.text[t.pos-1] != b {
			return
		}
		if t.pos == len(p.text) {
			s.enter(t.part+1, s.progs, &s.texts)
			return
		}
		s.texts = append(s.texts, t)
		return
	}
	whole, open := t.walk.step(b)
	if whole {
		s.enter(t.part+1, s.progs, &s.texts)
	}
	if !open {
		return
	}
	if k, ok := t.walk.(interface{ key() int }); ok { // ways that meet go on as one
		t.pos = k.key()
		for _, o := range s.texts {
			if o.part == t.part && o.pos == t.pos && t.pos >= 0 {
				return
			}
		}
	}
	s.texts = append(s.texts, t)
}

// Complete reports whether what was taken is a whole right answer.
func (s *State) Complete() bool { return s.complete }

// More reports whether a right answer can go on behind what was taken; that something may be said unasked behind a whole
// answer does not count.
func (s *State) More() bool {
	if len(s.texts) > 0 {
		return true
	}
	for i, set := range s.progs {
		if s.complete && s.parts[i].aside {
			continue
		}
		if s.parts[i].prog.open(set) {
			return true
		}
	}
	return false
}
