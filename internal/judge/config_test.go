package judge

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

func TestConfigDefaults(t *testing.T) {
	var cfg Config
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if cfg.Dialect != "script" || cfg.Timeout != 2*time.Second || cfg.Seed != 0 {
		t.Errorf("the defaults are %q, %s, %d", cfg.Dialect, cfg.Timeout, cfg.Seed)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want string // "" is no error
	}{
		{"nothing", Config{}, ""},
		{"each dialect", Config{Dialect: "greet"}, ""},
		{"an unknown dialect", Config{Dialect: "ehco"}, `unknown dialect "ehco": did you mean echo?`},
		{"a dialect in capitals", Config{Dialect: "ECHO"}, `unknown dialect "ECHO": did you mean echo?`},
		{"the shortest timeout", Config{Timeout: patience.Least}, ""},
		{"the longest timeout", Config{Timeout: patience.Most}, ""},
		{"a shorter timeout", Config{Timeout: patience.Least - 1}, "the timeout must be between 50ms and 1m0s, not 49.999999ms"},
		{"a longer timeout", Config{Timeout: patience.Most + 1}, "the timeout must be between 50ms and 1m0s, not 1m0.000000001s"},
		{"a negative timeout", Config{Timeout: -time.Second}, "the timeout must be between 50ms and 1m0s, not -1s"},
		{"the most workers", Config{Workers: MaxWorkers}, ""},
		{"more workers", Config{Workers: MaxWorkers + 1}, "the number of workers must be at most 64, not 65"},
		{"fewer than no workers", Config{Workers: -1}, "the number of workers must be at most 64, not -1"},
		{"a selection", Config{Only: "FRAM", Skip: "FRAM-2..8"}, ""},
		{"an unknown requirement", Config{Only: "FARM-2"}, `unknown requirement "FARM-2": did you mean FRAM-2?`},
		{"an unknown requirement left out", Config{Skip: "SENT"}, `unknown requirement "SENT": did you mean SEND?`},
		{"all left out", Config{Skip: "*"}, "the selection is empty: nothing of it can be shown in the dialect script"},
		{"each other's opposite", Config{Only: "FRAM", Skip: "MUST"}, "the selection is empty: nothing of it can be shown in the dialect script"},
		{"what the dialect cannot show", Config{Dialect: "echo", Only: "SEND,LINE-1"}, "the selection is empty: nothing of it can be shown in the dialect echo"},
		{"the largest seed", Config{Seed: math.MaxUint64}, ""},
	} {
		err := c.cfg.Validate()
		var config *ConfigError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &config) || config.Text != c.want):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if all, _ := c.cfg.Selected(); (len(all) > 0) != (c.want == "") {
			t.Errorf("%s: selects %d requirements", c.name, len(all))
		}
	}
}

// spoiled is a dialect with some of its methods replaced.
type spoiled struct {
	dialect.Dialect
	plain, ending      func() dialect.Session
	cuttable, controls func() []dialect.Session
}

func (d spoiled) Plain(id string) dialect.Session {
	if d.plain != nil {
		return d.plain()
	}
	return d.Dialect.Plain(id)
}

func (d spoiled) Ending(id string) dialect.Session {
	if d.ending != nil {
		return d.ending()
	}
	return d.Dialect.Ending(id)
}

func (d spoiled) Cuttable() []dialect.Session {
	if d.cuttable != nil {
		return d.cuttable()
	}
	return d.Dialect.Cuttable()
}

func (d spoiled) Controls() []dialect.Session {
	if d.controls != nil {
		return d.controls()
	}
	return d.Dialect.Controls()
}

// TestDialectsOfOnesOwn: one whose sessions cannot be sent, or not judged, is refused before anything is.
func TestDialectsOfOnesOwn(t *testing.T) {
	none := func() []dialect.Session { return nil }
	unanswered := func() dialect.Session { return dialect.Session{Request: []byte("a")} }
	empty := func() dialect.Session { return dialect.Session{Answers: [][]byte{{}}} }
	for _, c := range []struct {
		name string
		d    spoiled
		want string
	}{
		{"as it should be", spoiled{}, ""},
		{"nothing to cut", spoiled{cuttable: none}, "the dialect echo cannot be used: Cuttable returns no session"},
		{"no controls", spoiled{controls: none}, "the dialect echo cannot be used: Controls returns no session"},
		{"no right answer", spoiled{plain: unanswered}, "the dialect echo cannot be used: Plain returns a session without a right answer"},
		{"no request", spoiled{ending: empty}, "the dialect echo cannot be used: Ending returns a session without a request"},
		{"a panic", spoiled{plain: func() dialect.Session { panic("no such file") }}, "the dialect cannot be used: it panicked when asked for its sessions: no such file"},
	} {
		c.d.Dialect = dialect.Echo{}
		err := (&Config{Speaks: c.d, Dialect: "echo"}).Validate()
		var config *ConfigError
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &config) || config.Text != c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestConfigIsCheckedFirst: a configuration that cannot be meant is refused
// before the target is looked for, by Run too.
func TestConfigIsCheckedFirst(t *testing.T) {
	for _, cfg := range []Config{{Dialect: "ehco"}, {Only: "FARM"}, {Timeout: time.Nanosecond}} {
		cfg.Addr = "no address at all"
		_, err := Judge(t.Context(), cfg)
		if config := (*ConfigError)(nil); !errors.As(err, &config) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	_, err := Judge(t.Context(), Config{Addr: "no address at all"})
	if usage := (*target.UsageError)(nil); !errors.As(err, &usage) {
		t.Errorf("an address that is none: %v", err)
	}
}

// TestSelected: what is selected is in the order of the contract, and only what
// the dialect can show.
func TestSelected(t *testing.T) {
	for _, c := range []struct{ dialect, only, skip, want string }{
		{"script", "SEND-2,FRAM-1", "", "FRAM-1 SEND-2"},
		{"echo", "FRAM-6..8", "", "FRAM-7 FRAM-8"},
		{"line", "LINE-5..7", "LINE-7", "LINE-5"},
		{"greet", "*-7", "", "FRAM-7 ROBU-7"},
	} {
		d, _ := dialect.Lookup(c.dialect)
		all, err := (&Config{Only: c.only, Skip: c.skip}).selected(d)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		var ids []string
		for _, r := range all {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%+v selects %s", c, got)
		}
	}
}
