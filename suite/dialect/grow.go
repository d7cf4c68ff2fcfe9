package dialect

// Messages whose length is free.

// Grows: a line has a byte at the least, and at the most as many as the limit leaves it with its LF.
func (Line) Grows() (least, most int, ok bool) { return 1, LineLimit - 1, true }

// Grown sends a line of n bytes, and another.
func (d Line) Grown(n int) (s Session, ok bool) {
	if n < 1 || n >= LineLimit {
		return s, false
	}
	return d.Lines("a long line, and another", Numbered(n)+"\n", "the next line\n"), true
}

// Grows: a read has a byte at the least, and as many as the contract lets READ have at the most.
func (Script) Grows() (least, most int, ok bool) { return 1, ReadLimit, true }

// Grown reads a line of n bytes, where the limit leaves so many, and then as many bytes, and a line behind them.
func (Script) Grown(n int) (s Session, ok bool) {
	if n < 1 || n > ReadLimit {
		return s, false
	}
	var c Commands
	if n < LineLimit {
		c.ReadLine(Numbered(n) + "\n").Send()
	}
	return c.Read(Numbered(n)).ReadLine("the next line\n").Send().End().Session("a long read, and a line"), true
}
