package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/target"
)

// TestAwaited: a server is waited for until something listens, as long as it may take, and no longer; what is wrong with an address is said
// at once.
func TestAwaited(t *testing.T) {
	there := target.InProcess("there", "in memory", nil, nil, 0)
	wrong := errors.New("no address")
	for name, test := range map[string]struct {
		wait  time.Duration
		comes time.Duration // when something comes to listen
		err   error         // what is said before that, where not that nothing listens
		after time.Duration // when the wait is over
		says  string        // "" where the server is reached
	}{
		"it listens":               {time.Minute, 0, nil, 0, ""},
		"it comes":                 {time.Minute, 10 * time.Second, nil, 10 * time.Second, ""},
		"it comes too late":        {time.Minute, time.Hour, nil, time.Minute, "(waited for 1m)"},
		"nothing is waited for":    {0, 10 * time.Second, nil, 0, "nobody"},
		"the address is not right": {time.Minute, 10 * time.Second, wrong, 0, "no address"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got, err := awaited(t.Context(), test.wait, func() (*target.Target, error) {
					switch {
					case time.Since(began) >= test.comes:
						return there, nil
					case test.err != nil:
						return nil, test.err
					}
					return nil, &target.UnreachableError{Message: "nobody"}
				})
				if took := time.Since(began); took < test.after || took > test.after+patience.LookAtStart {
					t.Errorf("it took %s, want %s", took, test.after)
				}
				if (got == there) != (test.says == "") || err != nil && (test.says == "" || !strings.Contains(err.Error(), test.says)) {
					t.Errorf("%v, %v, want %q", got, err, test.says)
				}
			})
		})
	}
}

// TestAwaitedIsInterrupted: the wait ends with what runs.
func TestAwaitedIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := awaited(ctx, time.Hour, func() (*target.Target, error) { return nil, &target.UnreachableError{Message: "nobody"} })
		if err == nil || time.Since(began) > time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
