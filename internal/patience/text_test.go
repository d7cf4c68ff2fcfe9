package patience

import (
	"testing"
	"time"
)

func TestText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "1ns", 999: "999ns", 1234: "1.23µs", 60000228: "60ms", 2 * time.Second: "2s", 10001342773: "10s", -1500 * time.Millisecond: "-1.5s",
		318712345: "319ms", 2869999: "2.87ms", 999999: "1ms", time.Minute + 2280*time.Microsecond: "1m", time.Minute: "1m", time.Hour: "1h",
		90 * time.Second: "1m30s", 100 * time.Minute: "1h40m", time.Hour + time.Second: "1h0m1s", 12345 * time.Millisecond: "12.3s", 99960 * time.Millisecond: "1m40s",
	} {
		if got := Text(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	for d := time.Duration(1); d > 0 && d < 1<<62; d = d*3 + 1 { // what is said is a time, close to what is meant
		got, err := time.ParseDuration(Text(d))
		if diff := (got - d).Abs(); err != nil || diff > max(d/200, 1) {
			t.Errorf("%s is said to be %s: %v", d, Text(d), err)
		}
	}
}
