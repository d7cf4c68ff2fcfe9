package acks

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
)

// TestWatch: bytes are held back where two looks find the same, all that has left has come, and it is not acknowledged. Nothing has been
// held back where that was looked at more often than an acknowledgement can be put off.
func TestWatch(t *testing.T) {
	const often, seldom = time.Millisecond, patience.Acknowledged
	nothing := delivery.Flow{Received: 9, Sees: true, Sent: 9}
	held := delivery.Flow{Received: 9, Sees: true, Sent: 9, Unsent: 14, Waiting: 5}
	under := delivery.Flow{Received: 8, Sees: true, Sent: 9, Unsent: 14, Waiting: 5}
	corked := delivery.Flow{Received: 9, Sees: true, Sent: 9, Unsent: 5, Waiting: 5}
	unseen := delivery.Flow{Received: 9}
	more := held
	more.Waiting, more.Unsent = 6, 15
	for name, c := range map[string]struct {
		apart       time.Duration
		looks       []delivery.Flow
		held, blind bool
	}{
		"nothing":                    {often, []delivery.Flow{nothing, nothing, nothing}, false, false},
		"nothing, seldom looked at":  {seldom, []delivery.Flow{nothing, nothing}, false, true},
		"held":                       {often, []delivery.Flow{nothing, held, held}, true, false},
		"held, and more is written":  {often, []delivery.Flow{held, more, nothing}, false, false},
		"held between looks":         {often, []delivery.Flow{held, nothing, held}, false, false},
		"still on its way":           {often, []delivery.Flow{under, under}, false, false},
		"corked":                     {often, []delivery.Flow{corked, corked}, false, false},
		"the server's end is unseen": {seldom / 2, []delivery.Flow{unseen, unseen}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch{free: time.Now()}
				got := false
				for _, f := range c.looks {
					time.Sleep(c.apart)
					got = w.look(time.Now(), f, true) || got
				}
				if w.unseen(); got != c.held || w.blind != c.blind {
					t.Errorf("held is %v, blind %v", got, w.blind)
				}
			})
		})
	}
}
