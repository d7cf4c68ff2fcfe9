// Package finding holds what every attempt to show a requirement comes to: one value, whoever made the attempt. What is done
// with it, whether to ask again and what the verdict is, are functions of findings alone.
package finding

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/suite/report"
)

// Kind is what an attempt came to.
type Kind int

const (
	// Shown: what was to be shown was. A nil *Finding is of this kind.
	Shown Kind = iota
	// Broken: the requirement does not hold. A wrong byte is enough, and asking again cannot change it.
	Broken
	// Missing: something did not come in time that a slow machine could have held up. It is asked for again.
	Missing
	// Gone: no connection could be made. Where the server's process is known to have ended that is a fact (Certain); else it is
	// asked for again.
	Gone
	// Undecided: the suite could not judge.
	Undecided
	// NotShown: the target does not have what it takes.
	NotShown
	// Late: the case ran out of its time.
	Late
	// Interrupted: the run was ended from outside.
	Interrupted
)

// String names the kind, for tests and for mistakes of our own.
func (k Kind) String() string {
	return [...]string{"shown", "broken", "missing", "gone", "undecided", "not shown", "late", "interrupted"}[k]
}

// A Finding is what an attempt came to. Nil is that what was to be shown was.
type Finding struct {
	Kind Kind
	// Problem says it in one sentence without a full stop: what went wrong, or why nothing was shown.
	Problem string
	// Evidence is what was sent and received; nil where nothing was. Its texts that come from the catalogue are filled in with
	// the verdict.
	Evidence *report.Failure
	// Certain says of Gone that it is a fact: the server's process has ended, or it was gone when it was asked for again.
	Certain bool
	// Unplanned says that the delivery was not as it was to be: a cut was no separate read, or the end of the stream came with
	// the last bytes.
	Unplanned bool
	// Delay is by how much the client's own side of the connection was later than planned, where the server has ended that, and may have
	// been right to: a time limit is policy. Else it is 0.
	Delay time.Duration
	// Cause tells findings of one kind apart, for who has made them; nil where there is nothing to tell.
	Cause error
	// OfMessage says, while an exchange file is learned, that it is about the message itself, and not what comes before it.
	OfMessage bool
	// Grade says how a failure counts.
	Grade Grade
}

// A Grade is how the failure of a requirement counts.
type Grade int

// The grades, the gravest last.
const (
	ByLevel Grade = iota // as the requirement's level says
	Warns                // as a warning, whatever the level
	Fails                // as a failure, whatever the level
)

// ErrSlow is the cause of what was not shown since the server is too slow for it.
var ErrSlow = errors.New("the server is too slow")

// ErrUnfinished is the cause of what is not known since its bytes came all the time, and not to their end: nothing else is wrong with them.
var ErrUnfinished = errors.New("not all of it had come in time")

// New returns a finding without an exchange as evidence; of Broken, Missing and Gone it counts one failure in one run.
func New(k Kind, format string, args ...any) *Finding {
	f := &Finding{Kind: k, Problem: fmt.Sprintf(format, args...)}
	if f.Failed() {
		f.Evidence = &report.Failure{FirstDifference: -1, Failed: 1, Runs: 1}
	}
	return f
}

// NewBroken is New of Broken.
func NewBroken(format string, args ...any) *Finding { return New(Broken, format, args...) }

// NewUndecided is New of Undecided.
func NewUndecided(format string, args ...any) *Finding { return New(Undecided, format, args...) }

// NewNotShown is New of NotShown.
func NewNotShown(format string, args ...any) *Finding { return New(NotShown, format, args...) }

// Mistake is what is found where the suite itself is wrong.
func Mistake(what any) *Finding {
	return NewUndecided("a mistake of streamspec's own: %v (please report it)", what)
}

// Ended returns what an attempt came to whose context has ended: Late or Interrupted; nil while it goes on.
func Ended(ctx context.Context) *Finding {
	switch err := context.Cause(ctx); {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return New(Late, "the case was not done in time")
	default:
		return New(Interrupted, "interrupted")
	}
}

// Is reports whether f is of the kind; nil is of Shown.
func (f *Finding) Is(k Kind) bool {
	if f == nil {
		return k == Shown
	}
	return f.Kind == k
}

// Fact reports whether the server was seen to be wrong in a way that asking again cannot change.
func (f *Finding) Fact() bool { return f.Is(Broken) || f.Is(Gone) && f.Certain }

// Failed reports whether the server was seen to be wrong, or not to come up with something in time.
func (f *Finding) Failed() bool { return f.Is(Broken) || f.Is(Missing) || f.Is(Gone) }

// Waited reports whether the server did not come up with something in time, which it may when it is waited for longer.
func (f *Finding) Waited() bool { return f.Failed() && !f.Fact() }

// Void reports whether a failure shows nothing of the server, since the client's own side was late before it. That a process ended is
// a fact all the same.
func (f *Finding) Void() bool { return f.Failed() && f.Delay > 0 && !f.Died() && !f.Is(Gone) }

// Died reports whether the server's process ended of what was done.
func (f *Finding) Died() bool { return f.Failed() && f.Evidence.Ended != nil }

// Answered reports whether f is a fact about an answer of which at least one byte came, of a server that lives.
func (f *Finding) Answered() bool { return f.Is(Broken) && !f.Died() && f.Evidence.Actual.Total > 0 }

// Settled makes a fact of a failure, and returns it: what was missing was missing again.
func (f *Finding) Settled() *Finding {
	switch f.Kind {
	case Missing:
		f.Kind = Broken
	case Gone:
		f.Certain = true
	}
	return f
}

// During puts words before the problem of a failure, and returns f.
func (f *Finding) During(words string) *Finding {
	if f.Failed() {
		f.Problem = words + f.Problem
	}
	return f
}

// Costing gives a failure what its evidence costs its reader, and returns f: of several failures of a requirement the one that
// costs least is told, and of several requirements the one whose failure costs least is the one to begin with. 0 is that whatever
// else is wrong may come from it.
func (f *Finding) Costing(cost int64) *Finding {
	f.Evidence.Cost = cost
	return f
}

// Because returns a finding of another kind for the same reason, with what was seen.
func (f *Finding) Because(k Kind, format string, args ...any) *Finding {
	return &Finding{Kind: k, Problem: fmt.Sprintf(format, args...), Evidence: f.Evidence}
}

// An Error carries a finding through what knows of errors alone.
type Error struct{ *Finding }

// Error returns the problem.
func (e Error) Error() string { return e.Problem }

// From returns the finding that err carries; nil where it carries none.
func From(err error) *Finding {
	var e Error
	if errors.As(err, &e) {
		return e.Finding
	}
	return nil
}
