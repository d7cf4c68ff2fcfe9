package bench

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Cut delivers a session in pieces. Where the answer is wrong, and wrong to the
// whole request too, nothing is blamed on the cuts: the case is not shown by this session.
func (b *Bench) Cut(ctx context.Context, s dialect.Session, plan delivery.Segments) *finding.Finding {
	f := b.Deliver(ctx, s, player.Delivery{Segments: plan})
	if !f.Fact() {
		return f
	}
	attempt := b.Admitted(ctx, s, player.Delivery{}, b.Wait())
	whole := attempt.Finding
	if whole.Is(finding.Gone) || !whole.Fact() { // it did not survive the cuts, or is right
		f.Evidence.Passing = attempt.Right()
		return f
	}
	if _, ok := b.Dialect.(dialect.Learner); ok { // it was answered rightly when the answers were learned
		return finding.NewUndecided("unstable: the same message is not answered as before when it comes whole: %s", whole.Problem)
	}
	return finding.NewNotShown("the same request is answered wrongly when it comes whole: %s", whole.Problem)
}

// CutAll shows a rule of framing on several sessions, or what else is cut, and goes on past those that cannot show it.
func CutAll[S any](sessions []S, deliver func(S) *finding.Finding) *finding.Finding {
	var unshown *finding.Finding
	shown := 0
	for _, s := range sessions {
		switch f := deliver(s); {
		case f.Is(finding.NotShown):
			unshown = f
		case f != nil:
			return f
		default:
			shown++
		}
	}
	if shown > 0 {
		return nil
	}
	return unshown
}

// CutMarks cuts a session at each of its marks, and at all of them.
func (b *Bench) CutMarks(ctx context.Context, s dialect.Session) *finding.Finding {
	all := marks(s)
	for _, at := range all {
		if f := b.Cut(ctx, s, delivery.CutAt(at)); f != nil {
			return f
		}
	}
	return b.Cut(ctx, s, CutAt(len(s.Request), all...))
}

// Pausing cuts each session into parts, with a pause after each cut; they run beside one another where they may.
func (b *Bench) Pausing(ctx context.Context, sessions []dialect.Session, cuts int, pause time.Duration) *finding.Finding {
	cut := func(i int) *finding.Finding {
		return b.Cut(ctx, sessions[i], spread(len(sessions[i].Request), cuts).WithPause(pause))
	}
	found := make([]*finding.Finding, len(sessions))
	if b.Facts.OneAtATime() {
		for i := range sessions {
			found[i] = cut(i)
		}
	} else {
		besideAll(found, cut)
		b.tellBeside(found, cut)
	}
	i := -1
	return CutAll(sessions, func(dialect.Session) *finding.Finding { i++; return found[i] })
}

// besideAll does something for each number, all of it at once.
func besideAll(found []*finding.Finding, do func(i int) *finding.Finding) {
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() { found[i] = do(i) })
	}
	all.Wait()
}

// tellBeside marks a fact that was found beside others, and is none alone, where it is the first of what was found: this is what is told
// ([CutAll]), and the others are not asked for. Where the dialect tells all connections apart, it must be a fact again beside the others.
func (b *Bench) tellBeside(found []*finding.Finding, do func(i int) *finding.Finding) {
	const alone = 2
	first := slices.IndexFunc(found, func(f *finding.Finding) bool { return f != nil && !f.Is(finding.NotShown) })
	if first < 0 || len(found) < 2 || !found[first].Answered() {
		return
	}
	for range alone {
		if do(first) != nil {
			return
		}
	}
	again := slices.Clone(found)
	if _, ok := b.Dialect.(dialect.Learner); !ok {
		besideAll(again, do)
	}
	if again[first].Answered() {
		found[first].Cause = ErrBeside
	}
}

// manyCuts is how many single cuts EveryCut makes at most. FRAM-2 makes them all.
const manyCuts = 64

// EveryCut is the session whole; cut in two at every byte, or, where it is long,
// at every delicate place and as many others as make manyCuts; and byte by byte.
func EveryCut(s dialect.Session) []delivery.Segments {
	plans := []delivery.Segments{delivery.Whole()}
	n := len(s.Request)
	for _, at := range sample(n, marks(s)) {
		plans = append(plans, delivery.CutAt(at))
	}
	return append(plans, delivery.EveryByte(n))
}

// EveryPair cuts n bytes in three, in every way.
func EveryPair(n int) []delivery.Segments {
	var plans []delivery.Segments
	for second := 2; second < n; second++ {
		for first := 1; first < second; first++ {
			plans = append(plans, delivery.CutAt(first, second))
		}
	}
	return plans
}

// manyOffsets is up to how many bytes of a message a cut is made at each. A longer one has as many, and those that are delicate.
const manyOffsets = 4096

// Offsets are where a session is cut in two.
func Offsets(s dialect.Session) []int {
	n := len(s.Request)
	step := max(1, (n+manyOffsets-1)/manyOffsets)
	var all []int
	for at := 1; at < n; at += step {
		all = append(all, at)
	}
	if step > 1 {
		all = append(all, marks(s)...)
		slices.Sort(all)
		all = slices.Compact(all)
	}
	return all
}

const (
	shortEach = 256 // up to so many bytes SomeOffsets are all
	drawn     = 12  // so many offsets are drawn of a longer request
)

// SomeOffsets are where a request is cut in two: everywhere, or where it is long at some offsets that are drawn.
func (b *Bench) SomeOffsets(request []byte) []int {
	if len(request) > shortEach {
		return b.DrawnOffsets(request)
	}
	return Offsets(dialect.Session{Request: request})
}

// DrawnOffsets are some offsets inside of a request, in ascending order.
func (b *Bench) DrawnOffsets(request []byte) []int {
	all := Offsets(dialect.Session{Request: request})
	b.Rand.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	all = all[:min(len(all), drawn)]
	slices.Sort(all)
	return all
}

// marks are the offsets inside a CR LF and inside a character.
func marks(s dialect.Session) []int {
	all := append(dialect.CRLFSplits(s.Request), dialect.CharacterSplits(s.Request)...)
	slices.Sort(all)
	return all
}

// sample returns offsets into n bytes in ascending order: all of them, or manyCuts that
// are spread evenly, and as many of the delicate ones again.
func sample(n int, delicate []int) []int {
	step := max(1, (n+manyCuts-1)/manyCuts)
	var at []int
	for i := 1; i < n; i += step {
		at = append(at, i)
	}
	for i := 0; i < len(delicate); i += max(1, (len(delicate)+manyCuts-1)/manyCuts) {
		at = append(at, delicate[i])
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// spread cuts n bytes in parts of about the same size.
func spread(n, cuts int) delivery.Segments {
	var at []int
	for k := 1; k <= cuts; k++ {
		at = append(at, n*k/(cuts+1))
	}
	return CutAt(n, at...)
}

// CutAt cuts n bytes at those of the offsets that fall inside, each once.
func CutAt(n int, offsets ...int) delivery.Segments {
	var at []int
	for _, o := range offsets {
		if 0 < o && o < n {
			at = append(at, o)
		}
	}
	slices.Sort(at)
	return delivery.CutAt(slices.Compact(at)...)
}

// AroundBorder are the cuts of a request of so many bytes with a part of n: none, behind each of its first bytes, around where the
// part may end, and before the last byte. A long one has fewer.
func AroundBorder(n, request int) []int {
	const long, first = 32 << 10, 8
	all := []int{0}
	for at := 1; at <= first && n < long; at++ {
		all = append(all, at)
	}
	if n >= long {
		all = append(all, 3)
	}
	return append(all, n-1, n, n+1, request-1)
}

// borders are the first lengths behind such a border.
var borders = []int{128, 256, 4 << 10, 16 << 10, 64 << 10, 1 << 20}

// Borders are the lengths around the borders that lie between two, and the most, where no such border lies behind it alone: a file says by
// it what its servers take.
func Borders(least, most int) []int {
	var all []int
	for _, border := range borders {
		all = append(all, border-1, border)
	}
	all = slices.DeleteFunc(all, func(n int) bool { return n < least || n > most })
	if most < borders[len(borders)-1] && !slices.Contains(all, most) {
		all = append(all, most)
	}
	return all
}
