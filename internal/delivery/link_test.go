package delivery

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
)

// TestDialOver makes a connection over what connects, which is told the options' timeout and receive buffer, and returns the error
// of what does not.
func TestDialOver(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		dial := DialOver(func(ctx context.Context, receiveBuffer int) (*inmemory.TCP, error) {
			if by, _ := ctx.Deadline(); time.Until(by) != 7*time.Second || receiveBuffer != 9 {
				t.Errorf("connected within %v, with a buffer of %d bytes", time.Until(by), receiveBuffer)
			}
			time.Sleep(time.Second)
			return inmemory.NewTCP(), nil
		})
		c, err := dial(t.Context(), "", Options{Timeout: 7 * time.Second, ReceiveBuffer: 9, Number: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if e := c.Timeline(); len(e) != 1 || e[0].At != time.Second || e[0].Conn != 3 || !c.Sees() {
			t.Errorf("%+v, seen: %v", e, c.Sees())
		}
	})
	inBubble(t, "where nothing connects", func(t *testing.T) {
		refused := errors.New("refused")
		dial := DialOver(func(context.Context, int) (*inmemory.TCP, error) { return nil, refused })
		if c, err := dial(t.Context(), "", Options{}); c != nil || err != refused {
			t.Errorf("%v, %v", c, err)
		}
	})
}
