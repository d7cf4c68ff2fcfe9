package main

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// TestHeed: the first signal ends what runs, and the second the program; those within a second of the first are the same.
func TestHeed(t *testing.T) {
	for name, test := range map[string]struct {
		signals []time.Duration // when they come
		ended   time.Duration   // when the program ends of them; 0 where it does not
	}{
		"one":                      {[]time.Duration{time.Hour}, 0},
		"two at once":              {[]time.Duration{time.Hour, time.Hour}, 0},
		"two within a second":      {[]time.Duration{time.Hour, time.Hour + patience.SameSignal - 1}, 0},
		"two a second apart":       {[]time.Duration{time.Hour, time.Hour + patience.SameSignal}, time.Hour + patience.SameSignal},
		"three within a second":    {[]time.Duration{0, patience.SameSignal / 2, patience.SameSignal - 1}, 0},
		"a second one, and a late": {[]time.Duration{0, patience.SameSignal / 2, time.Minute}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				signals := make(chan os.Signal, len(test.signals))
				began := time.Now()
				canceled, ended := time.Duration(-1), time.Duration(0)
				go heed(ctx, signals, func() { canceled = time.Since(began) }, func() { ended = time.Since(began) })
				for _, at := range test.signals {
					time.Sleep(at - time.Since(began))
					signals <- os.Interrupt
				}
				synctest.Wait()
				if canceled != test.signals[0] || ended != test.ended {
					t.Errorf("what runs is ended after %s, the program after %s; want %s and %s", canceled, ended, test.signals[0], test.ended)
				}
				stop()
				if ended == 0 { // it waits for the second
					time.Sleep(patience.SameSignal)
					signals <- os.Interrupt
				}
			})
		})
	}
}

// TestHeedNothing: where no signal comes, it ends with what runs.
func TestHeedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			heed(ctx, make(chan os.Signal), func() { t.Error("it was ended") }, func() { t.Error("the program was ended") })
		}()
		stop()
		<-done
	})
}
