package exchange

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/streamspec/streamspec/suite/dialect"
)

var (
	_ dialect.Grower   = (*Dialect)(nil)
	_ dialect.Growers  = (*Dialect)(nil)
	_ dialect.Unending = (*Dialect)(nil)
)

// growers are the messages with a part that grows, the one whose part grows furthest first.
func (d *Dialect) growers() []int {
	var all []int
	for _, i := range d.stable() {
		if d.File.Messages[i].Send.growth() != nil {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return cmp.Compare(d.File.Messages[b].Send.growth().To, d.File.Messages[a].Send.growth().To)
	})
	return all
}

// growing is the message whose part grows furthest, or -1.
func (d *Dialect) growing() int {
	if all := d.growers(); len(all) > 0 {
		return all[0]
	}
	return -1
}

// Grows says how short and how long the part may be that grows furthest; ok is false where no message has one.
func (d *Dialect) Grows() (least, most int, ok bool) { return grower{d, d.growing()}.Grows() }

// Grown is the message with that part, n bytes long; ok is false where it may not be so long.
func (d *Dialect) Grown(n int) (s dialect.Session, ok bool) { return grower{d, d.growing()}.Grown(n) }

// Guesses says of that message whether its answer is learned, of the shortest.
func (d *Dialect) Guesses() bool { return grower{d, d.growing()}.Guesses() }

// Forgets says whether the server keeps nothing of that message.
func (d *Dialect) Forgets() bool { i := d.growing(); return i >= 0 && d.File.Messages[i].Forgets }

// Growers are all messages with such a part.
func (d *Dialect) Growers() []dialect.Grower {
	var all []dialect.Grower
	for _, i := range d.growers() {
		all = append(all, grower{d, i})
	}
	return all
}

// A grower is one message of a dialect, or none where i is -1.
type grower struct {
	d *Dialect
	i int
}

func (g grower) Grows() (least, most int, ok bool) {
	if g.i < 0 {
		return 0, 0, false
	}
	return g.d.File.Messages[g.i].Send.Grows()
}

func (g grower) Grown(n int) (s dialect.Session, ok bool) {
	least, most, ok := g.Grows()
	if !ok || n < least || n > most {
		return s, false
	}
	return calledAs(g.d.sized(g.i, 1, n), []string{grownName(g.d.File.Messages[g.i].Name, n)}), true
}

// Guesses says whether the answer is learned, of the shortest.
func (g grower) Guesses() bool { return g.i >= 0 && g.d.File.Messages[g.i].Expect.learned() }

// GrownTurns are the message with that part and the plain one behind it; none where nothing may come behind it, or it may not be so long.
func (g grower) GrownTurns(n int) []dialect.Turn {
	least, most, ok := g.Grows()
	plain := g.d.Turns("", 1)
	if !ok || n < least || n > most || len(plain) == 0 || g.d.File.Messages[g.i].Before != nil || !g.d.known[g.i].repeats {
		return nil
	}
	return append([]dialect.Turn{g.d.grownTurn(g.i, n)}, plain...)
}

// Endless is what comes before the part that grows, where that is to be as long as it may be, on the connection of that name, and what the
// part is made of; nil where no message has such a part.
func (d *Dialect) Endless(conn string) (head, more []byte) {
	i := d.growing()
	if i < 0 {
		return nil, nil
	}
	v := d.File.Messages[i].Send
	g := v.growth()
	head, _ = v.upToGrowth(nil, scope{d.said.With("conn", conn), g, g.To})
	return head, g.bytes(endlessPart)
}

// endlessPart is how many bytes of a part that grows are sent over and over.
const endlessPart = 256 << 10

// upToGrowth appends what comes before the part that grows; found says that there is one.
func (v Value) upToGrowth(b []byte, sc scope) (_ []byte, found bool) {
	for _, p := range v {
		switch {
		case p.grow != nil:
			return b, true
		case p.counted != nil && p.counted.of.growth() != nil:
			b = append(b, p.counted.length.Write(p.counted.of.length(sc))...)
			return p.counted.of.upToGrowth(p.counted.then.appendTo(b, sc), sc)
		default:
			b = Value{p}.appendTo(b, sc)
		}
	}
	return b, false
}

// grownName is how a plan names a message whose part that grows has n bytes.
func grownName(name string, n int) string { return name + "#" + strconv.Itoa(n) }

// find finds the message of a name, and how long its part is that grows, -1 where it has none; ok is false where there is no such.
func (d *Dialect) find(name string) (i, n int, ok bool) {
	called := func(name string) int {
		return slices.IndexFunc(d.File.Messages, func(m Message) bool { return m.Name == name })
	}
	if i = called(name); i >= 0 {
		n = -1
		if least, _, grows := d.File.Messages[i].Send.Grows(); grows {
			n = least
		}
		return i, n, true
	}
	at := strings.LastIndexByte(name, '#')
	if at < 0 {
		return 0, 0, false
	}
	i = called(name[:at])
	n, err := strconv.Atoi(name[at+1:])
	if i < 0 || err != nil {
		return 0, 0, false
	}
	least, most, grows := d.File.Messages[i].Send.Grows()
	return i, n, grows && least <= n && n <= most
}
