package delivery

import "time"

// Every constant of time of this package stands here, with its reason, and the counts that bound a wait.

// The bounds that hold where Options leaves one at 0.
const (
	// defaultTimeout bounds the connecting: TCP sends a lost SYN again after 1 s and after 3 s.
	defaultTimeout = 5 * time.Second
	// defaultCap bounds the wait for one cut: on a busy machine all but one of 10,000 reads were measured to come within about
	// as long. A server that waits for more bytes costs this for each cut until the cap is lowered.
	defaultCap = 60 * time.Millisecond
	// defaultStall bounds the wait for a server that takes no byte of a segment: far longer than a busy machine holds up one
	// that reads.
	defaultStall = 10 * time.Second
)

// The bounds that hold where Want leaves one at 0.
const (
	// defaultIdle is the silence after which an answer counts as missing: far longer than the 126 ms that the latest answer
	// of a right server took beside busy neighbours.
	defaultIdle = 2 * time.Second
	// defaultTotal bounds an answer that never falls silent.
	defaultTotal = 30 * time.Second
)

// The look at what follows a wrong byte. The answer is decided, so that more is worth little time; but the rest of a message
// says much of what went wrong, and a server writes it at once.
const (
	evidenceIdle  = 20 * time.Millisecond // a window without a byte that can be trusted on a quiet machine
	evidenceTotal = 200 * time.Millisecond
	// Where the client has ended its stream the server is about to close, and what it says before that is all of its answer.
	closingIdle  = 250 * time.Millisecond
	closingTotal = time.Second
)

// workWindow is how long a server is watched before it counts as at work or not: ten ticks of the coarsest clock by which a
// kernel counts the time of a process.
const workWindow = 100 * time.Millisecond

// The schedule of the looks for one confirmation. It did best of those measured: a server that is quick is seen at once, and
// one that is slow costs little. The processor is never yielded to other processes but by a nap: on a loaded machine
// sched_yield gives it to the load, and the cuts a second fall to a third.
const (
	yieldLooks = 4                      // the first looks, between which only other goroutines run
	shortLooks = 20                     // looks after those, shortNap apart
	shortNap   = 10 * time.Microsecond  // twice what a look takes; the system's timers make it longer
	longNap    = 100 * time.Microsecond // between all later looks, which then take a twentieth of a processor
)

// The bounds of the wait for one confirmation beside the cap.
const (
	// unseenLooks is how many looks do not find the server's end before it counts as unseen: a listener that defers its
	// connections makes one only when its first byte has come.
	unseenLooks = 16
	// lingering is the wait for a server that has ended its stream, and may still read: it mostly does not, and what it does
	// read it has begun to read by then.
	lingering = 5 * time.Millisecond
	// endPatience is the wait before a FIN that is to come by itself. It can be long: there is one in a play.
	endPatience = time.Second / 2
	// leastPause and mostPause bound the pause that follows an acknowledgement where the server's end is not seen; between
	// them it is the round-trip time. 1 ms keeps 97 of 100 reads apart, and 5 ms nearly all.
	leastPause = time.Millisecond
	mostPause  = 5 * time.Millisecond
	// mostHeeded is how long an answer is given to come behind one cut, where it is waited for: as a flush may take on a busy machine.
	mostHeeded = 20 * time.Millisecond
)

// The cap is lowered when cuts stay unconfirmed within one play, so that a server that does not read costs little: a
// request of a million bytes, cut after each, may still be played.
const (
	fewUnconfirmed  = 3 // cuts from which on the cap is fewCap: by then it is no accident
	fewCap          = 5 * time.Millisecond
	manyUnconfirmed = 200 // cuts from which on the cap is manyCap
	manyCap         = time.Millisecond
)

// The time in which this process was kept from running: see clock.go.
const (
	// mostAsleep is how long a wait sleeps at most, before it looks whether it was woken when it was to be.
	mostAsleep = 50 * time.Millisecond
	// leastAsleep is how long it sleeps at least, before it looks whether the server has read more: most have read all by then.
	leastAsleep = time.Millisecond
	// lateness is how late a machine that is only busy may wake a process.
	lateness = 20 * time.Millisecond
	// mostBetween is how long a client may let its connection be between two things that it does on it, as while it is another's
	// turn: where no machine is busy, the others are served within far less.
	mostBetween = time.Second / 2
	// mostUnblocked is how many bytes may be on their way to a server for a write to wait for nothing: kernels have room for more.
	mostUnblocked = 4 << 10
)
