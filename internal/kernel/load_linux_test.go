package kernel

import "testing"

func TestLoad(t *testing.T) {
	if load, ok := Load(); !ok || load < 0 {
		t.Errorf("%v, %v", load, ok)
	}
}
