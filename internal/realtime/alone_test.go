package realtime

import "testing"

func TestRealAlone(t *testing.T) {
	for value, want := range map[string]bool{"": true, "1": false} {
		t.Setenv(Env, value)
		skipped := false
		t.Run("with "+value, func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			Alone(t)
		})
		if skipped != want {
			t.Errorf("%s=%q: skipped %v", Env, value, skipped)
		}
	}
}
