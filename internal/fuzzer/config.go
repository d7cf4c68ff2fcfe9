package fuzzer

import (
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// The bounds of a run.
const (
	MaxClients = 256 // connections side by side
	MaxTime    = 7 * 24 * time.Hour
	MaxShards  = 10000
	// MaxFailures is how many different failures a run looks for.
	MaxFailures = 50
)

// Config says what to fuzz, and for how long.
type Config struct {
	// Suite says where the server is and what it speaks; of the rest Timeout, Confirm and Seed count.
	Suite judge.Config
	// For is how long to go on, and Plans after how many plans to end; one of them must be above 0.
	For   time.Duration
	Plans int
	// First ends the run at the first failure.
	First bool
	// Clients is how many connections are open side by side; 0 is 8, at most as many as an exchange file
	// allows, and 1 where the server serves one client at a time.
	Clients int
	// Shard of Shards draws every plan whose number belongs to it, from 1 on; 0 of 0 draws all.
	Shard, Shards int
	// Draw draws a plan; nil is the function of that name.
	Draw func(d dialect.Dialect, src Source, limits Limits) plan.Plan
	// Save is called with every new failure; its error is said, and the run goes on. Nil saves nothing.
	Save func(*Failure) error
	// Progress is called now and then, and with every new failure; nil hears nothing.
	Progress func(Status)
	// Guide keeps plans that reach what none before reached, and changes them; nil draws every plan anew.
	Guide *Guide
}

// Check returns a *judge.ConfigError for a configuration that cannot be meant.
func (c *Config) Check() error {
	refuse := func(format string, args ...any) error { return &judge.ConfigError{Text: fmt.Sprintf(format, args...)} }
	switch {
	case c.For < 0 || c.For > MaxTime:
		return refuse("the time to go on for must be above 0 and at most %s, not %s", MaxTime, c.For)
	case c.Plans < 0:
		return refuse("the number of plans must be above 0, not %d", c.Plans)
	case c.For == 0 && c.Plans == 0:
		return refuse("say how long to go on: a time above 0, or a number of plans above 0")
	case c.Clients < 0 || c.Clients > MaxClients:
		return refuse("the number of clients must be from 1 to %d, not %d", MaxClients, c.Clients)
	case c.Shards < 0 || c.Shards > MaxShards || c.Shard < 0 || c.Shard > c.Shards || c.Shards > 0 && c.Shard == 0:
		return refuse("a shard is I/N with I from 1 to N and N at most %d, not %d/%d", MaxShards, c.Shard, c.Shards)
	}
	return nil
}

// Status is how far a run has come.
type Status struct {
	Elapsed   time.Duration
	Plans     int
	Failures  int
	Cuts      report.Cuts
	Kept      int      // plans that the guide has kept
	Shrinking bool     // the other connections rest meanwhile
	New       *Failure // that was just found
}

// A Failure is one way in which the server is wrong, with the smallest plan that shows it.
type Failure struct {
	Requirement string
	Drawn       string // what of HTTP/1.1's grammar was played, in words; "" where it is a plan of the dialect's requests
	Problem     string
	Plan        plan.Plan
	Evidence    report.Failure
	// Failed of Runs plays of the plan failed; of one that a server died of, Runs is 1 where it could not be played again.
	Failed, Runs int
	// After is how many plans had been played when it was found.
	After int
	// Deliveries is how many deliveries it took to make the plan small.
	Deliveries int
	// Seen is how many plans of the run came to this failure, as far as they were looked into.
	Seen int
	// Died says that the server ended.
	Died bool
	// File is where it was saved, if it was; SaveError is why not.
	File      string
	SaveError error
}

// Certain says whether every play of the plan failed.
func (f *Failure) Certain() bool { return f.Failed == f.Runs }

// Result is what a run came to.
type Result struct {
	Seed     uint64
	Elapsed  time.Duration
	Plans    int
	Cuts     report.Cuts
	Confirms bool // the server's end of a connection is seen
	Failures []*Failure
	// Unexplained counts plans that failed and were not looked into, because those before them led to what is known.
	Unexplained int
	// Late counts plans of which something did not come in time once, and came when they were played again: too rarely to tell
	// the server from a busy machine.
	Late        int
	Kept        int    // plans that the guide has kept
	Restarts    int    // how often the server was started again
	Trouble     string // why the run could not go on; "" where it could
	Wrong       bool   // that is because a plain session is not answered rightly
	Interrupted bool
	Notes       []string
}
