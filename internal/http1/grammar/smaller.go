package grammar

import "slices"

// Smaller are the streams that are this one with one part left out or made simpler, the greatest steps first. What is
// nearly valid stays so in the same way, or becomes valid.
func (s Stream) Smaller() (all []Stream) {
	for n := len(s.Before); n > 0; n-- {
		all = append(all, Stream{Before: s.Before[n:], Last: s.Last}, Stream{Before: slices.Delete(slices.Clone(s.Before), n-1, n), Last: s.Last})
	}
	for i, m := range s.Before {
		all = append(all, Stream{Before: s.Before[:i], Last: m})
	}
	for i, m := range s.Before {
		for _, smaller := range m.smaller() {
			before := slices.Clone(s.Before)
			before[i] = smaller
			all = append(all, Stream{Before: before, Last: s.Last})
		}
	}
	for _, smaller := range s.Last.smaller() {
		all = append(all, Stream{Before: s.Before, Last: smaller})
	}
	return all
}

func (m Message) smaller() (all []Message) {
	try := func(change func(*Message)) {
		n := m
		n.Fields, n.Chunks, n.Extra = slices.Clone(m.Fields), slices.Clone(m.Chunks), slices.Clone(m.Extra)
		change(&n)
		all = append(all, n)
	}
	if len(m.Fields) > 1 {
		try(func(n *Message) { n.Fields = nil })
	}
	for i := range m.Fields {
		try(func(n *Message) { n.Fields = slices.Delete(n.Fields, i, i+1) })
	}
	if c := m.Class; c != nil {
		all = append(all, Message{}, Message{Method: "POST"}, Message{Framed: lengths[0], Chunks: []Chunk{{Data: "a"}}})
		if c.modern() { // else the server may speak HTTP/1.0
			all = append(all, Message{Framed: codings[0]})
		}
		if len(m.Chunks) > 0 {
			try(func(n *Message) { n.Chunks = nil })
		}
		for _, v := range c.values[:max(slices.Index(c.values, m.Value), 0)] {
			try(func(n *Message) { n.Value = v })
		}
		return all
	}
	if m.Framed != "" {
		try(func(n *Message) { n.Framed, n.Chunks, n.Zeros, n.Extra = "", nil, "", nil })
	}
	if simple := map[bool]string{true: codings[0], false: lengths[0]}[m.chunked()]; m.Framed != "" && m.Framed != simple {
		try(func(n *Message) { n.Framed = simple })
	}
	for _, one := range []struct {
		is     bool
		change func(*Message)
	}{
		{m.Target != "", func(n *Message) { n.Target = "" }},
		{m.Method != "", func(n *Message) { n.Method = "" }},
		{m.Old, func(n *Message) { n.Old = false }},
		{m.Zeros != "", func(n *Message) { n.Zeros = "" }},
		{len(m.Extra) > 0, func(n *Message) { n.Extra = nil }},
	} {
		if one.is {
			try(one.change)
		}
	}
	for i, c := range m.Chunks {
		try(func(n *Message) { n.Chunks = slices.Delete(n.Chunks, i, i+1) })
		for _, simpler := range c.simpler() {
			try(func(n *Message) { n.Chunks[i] = simpler })
		}
	}
	return all
}

func (c Chunk) simpler() (all []Chunk) {
	if c.Size != "" {
		all = append(all, Chunk{"", c.Ext, c.Data, c.Hidden})
	}
	if c.Ext != "" {
		all = append(all, Chunk{c.Size, "", c.Data, c.Hidden}, Chunk{c.Size, ";a", c.Data, c.Hidden})
	}
	if c.Hidden {
		all = append(all, Chunk{c.Size, c.Ext, or(c.Data, "a"), false})
	}
	if n := len(c.Data); n > 1 || c.Hidden && n > 0 {
		all = append(all, Chunk{c.Size, c.Ext, "a", c.Hidden}, Chunk{c.Size, c.Ext, c.Data[:n/2], c.Hidden}, Chunk{c.Size, c.Ext, c.Data[:n-1], c.Hidden})
	}
	return all
}
