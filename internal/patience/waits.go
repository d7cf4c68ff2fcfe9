package patience

import "time"

// What bounds cases and sessions.
const (
	// leastBound is how long any case may take.
	leastBound = time.Minute
	// mostBound is how long a case may take for what it sends: others beside it make it slower than was expected.
	mostBound = 4 * time.Minute
	// slowest is how many bytes a second a right server reads and answers at the slowest: one that calls the system for each
	// byte, on a machine that is busy four times over, was seen to take 35 KB.
	slowest = 16 << 10
	// Turn is how long one request of several may take beyond the wait for its answer, however steadily it comes.
	Turn = 20 * time.Second
	// TakeIn is how long a server that is not slow may take to take in, or to serve, the many clients of a case: others take a tenth of it.
	TakeIn = 3 * time.Second
	// Standing is how long a queue of connections may stand still until its server counts as one that accepts no more of them.
	Standing = time.Second
	// mostLarge is how long a server that is not slow may be expected to need for what a case sends ([Patience.Large]), and
	// mostThinning how long a case with a slow server delivers all that it has ([Patience.Thinning]).
	mostLarge    = 30 * time.Second
	mostThinning = 6 * time.Second
	// Filling is how long a slow server may take to fill the buffers of a client that does not read: each answer takes its time there.
	Filling = mostLarge
	// Pour is how long a server may be expected to need for all that is poured at it on one connection.
	Pour = 2 * mostLarge
)

// How a cut waits to be confirmed.
const (
	// leastCut is what it waits where a server is not known to be slow.
	leastCut = 60 * time.Millisecond
	// MostCut is the most that it waits for the server to read what came before it.
	MostCut = time.Second
)

// How often, and for how long, something is done once more.
const (
	// MostRepeated is how long a delivery may have taken that is made once more because it was not as planned.
	MostRepeated = 5 * time.Second
	// MostCounted is how long a failure is asked for again, only to say how often it fails.
	MostCounted = time.Second
	// Guess is how long the gate waits for an answer in another dialect: only that of a quick server is worth a guess.
	Guess = 300 * time.Millisecond
	// Map bounds the map of the cuts that change an answer, and MapAnswer the wait for each answer of it: without all of it there
	// is none.
	Map       = 5 * time.Second
	MapAnswer = 300 * time.Millisecond
	// Baseline is how long the gate goes on asking a server that seems to be slow, beyond what it asks of any.
	Baseline = time.Second
	// Delay is by how much the client's own side must have been later than planned for the end of its connection to show nothing of the
	// server: no server has a time limit as short, since the network alone makes a client wait for longer.
	Delay = ShortPause
	// Awaits is for how long the sessions of a case are stopped to wait for what is due.
	Awaits = 20 * time.Second
	// Pairs is for how long a message of HTTP is cut at pairs of its bytes. Fewer of them are cut at than there are where that is not enough.
	Pairs = 3 * time.Second
	// Linger is how long a server may take to end a connection that it is to end behind an answer; it is looked at again for Lingers.
	Linger  = 2 * time.Second
	Lingers = 10 * time.Second
	// Suspected is how long failures are played alone that clients beside them may have made, as long as each fails alone too.
	Suspected = 4 * time.Second
	// Learnt is how much longer than the wait for its first byte an answer may take from which it is learnt what varies.
	Learnt = time.Second
)

// Silence: how long nothing may come until that is taken for all.
const (
	// Unasked is how long nothing must come on a connection that asked for nothing. A flush is late by 15 ms under load (p99.99).
	Unasked = 50 * time.Millisecond
	// Timer is how long nothing must come behind what must not be answered yet: a flush by a timer has no other cause to wait for.
	Timer = 150 * time.Millisecond
	// Early is the same where the client's own kernel cannot tell what has come.
	Early = 100 * time.Millisecond
	// Quiet is how long nothing may come until an answer of which nothing is known is taken to be complete. It counts in the
	// gate alone: what was learned there says where later answers end.
	Quiet = 250 * time.Millisecond
	// LateSample is how far apart the first and the last sample of an answer are at the least: what changes with the second
	// shows then.
	LateSample = 1100 * time.Millisecond
	// Behind is how long more than the right answer is looked for, where what comes next tells by itself.
	Behind = time.Millisecond
	// Unclosed is how long the end of a stream is waited for, of a server that has once been seen not to close.
	Unclosed = 20 * time.Millisecond
	// Finished is the same behind a session that is not judged.
	Finished = 100 * time.Millisecond
	// Garbage is how long what a server says to rubbish is read, without a byte, and GarbageInAll altogether.
	Garbage      = 50 * time.Millisecond
	GarbageInAll = time.Second
)

// The life of a server and its process.
const (
	// Stop is how long a server may take to stop, or to find out that it cannot begin.
	Stop = 10 * time.Second
	// Finish is how long after it was asked to stop a server may be expected to give an answer that its client takes as fast as
	// it can. Most give the answers in progress a bound, of a few seconds.
	Finish = time.Second
	// InProgress is how long the answer to a message takes at the least that is in progress when its server is asked to stop: the
	// signal follows as soon as the message is known to be read.
	InProgress = 50 * time.Millisecond
	// HearLeast and HearMost are how long a server has to hear that it was asked to stop: one that shows no sign of it has the
	// first, and more while it is at work, since a busy machine lets it get to it later. HearWindow is over which it is watched.
	HearLeast  = 500 * time.Millisecond
	HearMost   = 5 * time.Second
	HearWindow = 100 * time.Millisecond
	// Orphan is how long processes that a server leaves behind may take to end, and hold its address meanwhile: it tells them to
	// as it ends itself, and they get to it when they can.
	Orphan = 2 * time.Second
	// Ended is how long after its address is closed the end of a process becomes known.
	Ended = time.Second
	// Revival is how long the look at a server, and its start, may take behind a case, beyond what it takes to be ready.
	Revival = 15 * time.Second
	// Warm is how long a server that the suite has started may say that it is still starting.
	Warm = 5 * time.Second
	// Dying is how long a server may go on answering that will end of what it was sent.
	Dying = 50 * time.Millisecond
	// Recover is how long a server may refuse new clients when those that were too many have left: some look for them every ten seconds.
	Recover = 15 * time.Second
	// Refusing is the same of a server that the suite can start again, or at whose address nobody listens.
	Refusing = time.Second
	// Young is how old a server may be that stops serving for it to be left alone as long, to see whether it does that by itself, and
	// LeftAlone how old one that has done so twice.
	Young     = 5 * time.Second
	LeftAlone = 12 * time.Second
	// Pausing is how much later than it came a client mostly waits for an answer at the latest: it may pause before.
	Pausing = LongPause + time.Second/2
	// Turnover is how long plain sessions are had, one after another, to see whether the server serves only so many.
	Turnover = 5 * time.Second
	// Counted is how long clients come one after another, to find out whether the server counts them when they have left.
	Counted = 500 * time.Millisecond
	// Returned is how long the descriptors of a server may take to become fewer, and ReturnedFirst before their number is known.
	Returned      = 2 * time.Second
	ReturnedFirst = 200 * time.Millisecond
	// Idle is the window over which a server's processor time is measured.
	Idle = time.Second
	// TimeWait is how long the end of a connection is waited for whose server was stopped.
	TimeWait = 300 * time.Millisecond
	// Reopened is how long a server may take to accept again that had no descriptor left: those that are known wait for half a second to a
	// second before they try again.
	Reopened = 5 * time.Second
	// Accept is how long a server may take to accept the connections that wait for it.
	Accept = 20 * time.Second
	// Kept is how long a server may keep its answers to a client that does not read to itself before it counts as stuck.
	Kept = 10 * time.Second
)

// A server that the suite starts, or finds.
const (
	// Ready is how long a process may take until it listens, and Grace to end when it is asked to, unless its user says otherwise.
	Ready = 30 * time.Second
	Grace = 3 * time.Second
	// Kill is how long the system may take to end what was killed, and Drain how long the output of a process is read once it has
	// ended; that is longer only while others hold its pipes.
	Kill  = 5 * time.Second
	Drain = 250 * time.Millisecond
	// Settle is how long a socket that no process of ours is seen to hold must have listened, and our process lived, until it
	// counts as ours: a daemon may listen for it, as Docker's does.
	Settle = time.Second
	// ConnectAfter is when a server is connected to as well whose socket cannot be seen, and ConnectPause how often.
	ConnectAfter = time.Second
	ConnectPause = 250 * time.Millisecond
	// Reach is how long it may take in all to find that an address answers, and Resolve to look up a name in between.
	Reach   = 3 * time.Second
	Resolve = time.Second
	// Halt is how long a server in this process may take to stop, and HaltWord how much longer to say why it does not.
	Halt     = 10 * time.Second
	HaltWord = time.Second
	// SameSignal is how long after a signal that asks a run to end another is the same one.
	SameSignal = time.Second
	// Close bounds the end of a run's server, of whatever kind: Halt, or Grace, Kill and Drain, and what is left.
	Close = 15 * time.Second
)

// The fuzzer and the selftest.
const (
	// Look is how long one failure is looked into, and Minimise how long one plan is made smaller.
	Look     = 30 * time.Second
	Minimise = 10 * time.Second
	// leastShort and mostShort bound the wait for what a plan went without, while it is made small.
	leastShort = 40 * time.Millisecond
	mostShort  = 250 * time.Millisecond
	// Planted is how long the selftest waits for an answer of a server with a fault: most of those that do not come never will.
	Planted = 700 * time.Millisecond
)

// Short is how long an answer is waited for while a plan is made small, where a plain session took so long, or 0 where none was
// answered. What is found by it is asked for again, with the suite's own waits, before anything is said.
func Short(exchange time.Duration) time.Duration {
	if exchange == 0 {
		return mostShort
	}
	return min(mostShort, max(leastShort, 50*exchange))
}

// How often the machine is looked at where it does not tell by itself.
const (
	LookAtQueue   = time.Millisecond
	LookAtStop    = 5 * time.Millisecond
	LookAtProcess = 10 * time.Millisecond
	LookAtOrphan  = 20 * time.Millisecond
	LookAtStart   = 50 * time.Millisecond
	LookAtRefusal = 200 * time.Millisecond
)

// What clients do on purpose: their own pauses, which are no waits for the server.
const (
	// ShortPause and LongPause are between the segments of a request: a lost segment pauses a stream for 200 ms to some seconds.
	ShortPause = 150 * time.Millisecond
	LongPause  = 2 * time.Second
	// Withheld is how long a client keeps the body of a request to itself that it was not asked for: who answers before it comes mostly has by
	// then. Parting is how long behind its request a client ends its stream.
	Withheld = time.Second
	Parting  = 50 * time.Millisecond
	// SlowRead follows each read of a slow reader, SlowerRead of one that leaves most of the answer in the server's kernel, and
	// LateRead comes before the first of one that begins late: a time limit for a write, and one for the whole answer, are both reached.
	SlowRead   = 2 * time.Millisecond
	SlowerRead = 3 * time.Millisecond
	LateRead   = 400 * time.Millisecond
	// Stuck, StuckBeside and StuckLong are how long sending must have stalled, to a server whose client does not read, until it
	// counts as stuck: where it is reset then, where others are served beside it, and where a time limit may end it.
	Stuck       = 150 * time.Millisecond
	StuckBeside = 75 * time.Millisecond
	StuckLong   = 600 * time.Millisecond
	// Unread is how long sending, and a cut, may stall where a server that reads no more while its answer is not taken is expected.
	Unread = 300 * time.Millisecond
	// Acknowledged is how much longer an answer must take whose parts wait for the client's acknowledgement: kernels put that off by
	// 40 ms at the least.
	Acknowledged = 30 * time.Millisecond
	// Unheld is how long a plain session must take that is slow by more than a wait for an acknowledgement, and than a busy machine.
	Unheld = 500 * time.Millisecond
	// Growing is how long it must take a server to read something until it is asked whether that takes ever longer; Working is that of
	// its processor time, where that is known; and Told how long a sixteenth of it takes at the least, which is not told from nothing else.
	Growing = 2 * time.Second
	Working = time.Second
	Told    = 5 * time.Millisecond
	// Heed is for how long a client that shows a failure once more waits behind its cuts, all of them together, for what comes too early.
	Heed = 200 * time.Millisecond
	// Noticed is how long the end of a connection must take to be worth a remark.
	Noticed = 200 * time.Millisecond
)
