package reference

import (
	"log/slog"
	"net"
	"time"
)

// The defaults of a Config.
const (
	DefaultAddr           = "127.0.0.1:0"
	DefaultMaxConnections = 4096
	DefaultLineLimit      = 64 << 10
	DefaultReadLimit      = 16 << 20
	DefaultSendLimit      = 256 << 20
	DefaultIdleTime       = 2 * time.Minute
	DefaultWriteTime      = time.Minute
	DefaultLingerTime     = 2 * time.Second
	DefaultLingerBytes    = 64 << 20
)

// A Config says what a server serves, where, and within which limits. The zero
// value of every field means its default. A negative limit on connections, time
// or LingerBytes means the one that its comment gives.
type Config struct {
	// Addr is the address to listen on, "host:port". Empty means DefaultAddr: a
	// free port of the loopback interface.
	Addr string
	// Listen opens the listener. Nil means net.Listen("tcp", addr).
	Listen func(addr string) (net.Listener, error)
	// Handler answers each connection. Nil means Echo.
	Handler Handler
	// Logger hears of failing handlers and of trouble while accepting. Nil
	// discards it all. Stack traces are logged at the debug level alone.
	Logger *slog.Logger

	// MaxConnections is how many connections are open at once; beyond it,
	// clients wait in the listen backlog. Negative means any number.
	MaxConnections int
	// LineLimit is how many bytes ReadLine takes at most, the LF included.
	LineLimit int
	// ReadLimit is the largest n of Read and the largest limit of
	// ReadLineLimit.
	ReadLimit int
	// SendLimit is how many bytes may wait for Send at most.
	SendLimit int

	// IdleTime is how long one wait for input may last. Negative means for
	// ever.
	IdleTime time.Duration
	// WriteTime is how long a Send may go without progress; over TLS, how long the
	// client may take for 16 KiB. Negative means for ever.
	WriteTime time.Duration
	// LingerTime is how long a connection whose handler is done goes on taking
	// input, so that no reset overtakes the last answer. Negative means not at
	// all.
	LingerTime time.Duration
	// LingerBytes is how much input is taken in that time at most. Negative
	// means any amount.
	LingerBytes int64
}

// withDefaults returns cfg with every zero field set.
func (cfg Config) withDefaults() Config {
	if cfg.Addr == "" {
		cfg.Addr = DefaultAddr
	}
	if cfg.Listen == nil {
		cfg.Listen = func(addr string) (net.Listener, error) { return net.Listen("tcp", addr) }
	}
	if cfg.Handler == nil {
		cfg.Handler = Echo
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&cfg.MaxConnections, DefaultMaxConnections)
	setDefault(&cfg.LineLimit, DefaultLineLimit)
	setDefault(&cfg.ReadLimit, DefaultReadLimit)
	setDefault(&cfg.SendLimit, DefaultSendLimit)
	setDefault(&cfg.IdleTime, DefaultIdleTime)
	setDefault(&cfg.WriteTime, DefaultWriteTime)
	setDefault(&cfg.LingerTime, DefaultLingerTime)
	setDefault(&cfg.LingerBytes, DefaultLingerBytes)
	return cfg
}

// setDefault sets *field to value where it is zero.
func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
