package properties

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// inBubble runs a plan under a clock of its own, and fails the property with what
// it returns: a property cannot fail inside.
func inBubble(outer *testing.T, t *rapid.T, plan func() error) {
	t.Helper()
	var err error
	synctest.Test(outer, func(*testing.T) { err = plan() })
	if err != nil {
		t.Fatal(err)
	}
}

// A part is a segment of a client, and how long it waits before it.
type part struct {
	Wait time.Duration
	Text string
}

// cut draws segments of a request and the waits before them.
func cut(t *rapid.T, request string, waits *rapid.Generator[time.Duration]) []part {
	var parts []part
	for request != "" {
		n := rapid.IntRange(1, len(request)).Draw(t, "segment")
		parts = append(parts, part{waits.Draw(t, "wait"), request[:n]})
		request = request[n:]
	}
	return parts
}

// upTo draws whole milliseconds.
func upTo(most int) *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.IntRange(0, most), func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond })
}

// limits of time lie between two milliseconds, so that no wait is as long.
func limit(ms int) time.Duration { return time.Duration(ms)*time.Millisecond + time.Millisecond/2 }

// A client is heard for as long as no single wait for it is longer than the idle
// time, and what it got until then is what was due; then the handler gives up, at
// once.
func TestIdleTime(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		idle := limit(rapid.IntRange(0, 40).Draw(t, "idle ms"))
		request := ""
		for _, c := range rapid.SliceOfN(commands, 1, 6).Draw(t, "commands") {
			request += c
		}
		parts := cut(t, request, upTo(50))
		lastWait := upTo(50).Draw(t, "wait before the end")
		inBubble(outer, t, func() error {
			client, server := inmemory.Pipe()
			began := time.Now()
			done := make(chan error, 1)
			var gaveUp time.Duration
			go func() {
				err := reference.Script.Handle(reference.NewStreamHandler(server, reference.Config{IdleTime: idle}))
				gaveUp = time.Since(began)
				_ = server.Close()
				done <- err
			}()
			answered := readAll(client)
			sent, at, late, end := "", time.Duration(0), false, oracle.Waiting
			for _, p := range append(parts, part{Wait: lastWait}) {
				time.Sleep(p.Wait)
				if late = p.Wait > idle; late {
					at += idle
					break
				}
				at += p.Wait
				if p.Text == "" {
					_ = client.CloseWrite()
				} else {
					_, _ = io.WriteString(client, p.Text)
				}
				sent += p.Text
				if end = said(sent, p.Text == "").State; end != oracle.Waiting {
					break
				}
			}
			want := said(sent, end != oracle.Waiting).Sent
			err := <-done
			got := <-answered
			_ = client.Close()
			switch {
			case got != want:
				return fmt.Errorf("to %q it said %q, want %q", sent, got, want)
			case gaveUp != at:
				return fmt.Errorf("it was over after %v, want %v", gaveUp, at)
			case errors.Is(err, os.ErrDeadlineExceeded) != late:
				return fmt.Errorf("%v, and the client was late: %t", err, late)
			}
			return nil
		})
	})
}

// readAll returns where all that is read of a connection arrives.
func readAll(r io.Reader) <-chan string {
	all := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(r)
		all <- string(b)
	}()
	return all
}

// An answer arrives whole at a client that takes it as slowly as it likes, while
// it takes something within each write time. When it stops, Send fails within two
// of them, and then for good and at once.
func TestWriteTime(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.IntRange(1, 40).Draw(t, "write ms")
		answer := bytes.Repeat([]byte("0123456789"), rapid.IntRange(1, 500).Draw(t, "tens"))
		type bite struct {
			Wait time.Duration
			Size int
		}
		bites := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bite {
			return bite{upTo(ms).Draw(t, "wait"), rapid.IntRange(1, 2000).Draw(t, "size")}
		}), 0, 20).Draw(t, "bites")
		inBubble(outer, t, func() error {
			client, server := inmemory.Pipe()
			h := reference.NewStreamHandler(server, reference.Config{WriteTime: limit(ms)})
			began := time.Now()
			var again error
			var failed, secondly time.Duration
			done := make(chan error, 1)
			go func() {
				h.WriteBytes(answer)
				err := h.Send()
				failed = time.Since(began)
				h.WriteContent("more")
				if err != nil {
					again = h.Send()
				}
				secondly = time.Since(began)
				_ = server.Close()
				done <- err
			}()
			var got []byte
			last := time.Duration(0)
			for _, b := range bites {
				if len(got) == len(answer) {
					break
				}
				time.Sleep(b.Wait)
				p := make([]byte, min(b.Size, len(answer)-len(got)))
				n, err := io.ReadFull(client, p)
				if got, last = append(got, p[:n]...), time.Since(began); err != nil {
					return fmt.Errorf("after %d bytes: %v", len(got), err)
				}
			}
			err := <-done
			rest := <-readAll(client)
			whole := len(got) == len(answer)
			switch {
			case !bytes.Equal(got, answer[:len(got)]) || rest != "":
				return fmt.Errorf("the client got %d bytes that are others, or %q behind them", len(got), rest)
			case whole:
				if err != nil || failed != last {
					return fmt.Errorf("all was taken, and Send returned %v after %v", err, failed)
				}
			case !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(again, err):
				return fmt.Errorf("Send returned %v, and then %v", err, again)
			case failed-last < limit(ms)-time.Duration(ms)*time.Millisecond || failed-last > 2*limit(ms) || secondly != failed:
				return fmt.Errorf("nothing was taken from %v on, and Send failed after %v with a limit of %v", last, failed, limit(ms))
			}
			return nil
		})
	})
}

// Clients that are served side by side get what they would get alone, whatever
// the others send, how long they wait, and however they leave. Not more of them
// are served at once than may be.
func TestSeveralClients(t *testing.T) {
	type visitor struct {
		Arrives time.Duration
		Request string
		Parts   []part
		Ends    bool // half-closes; else it leaves altogether
	}
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int{1, 2, -1}).Draw(t, "at once")
		visitors := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) visitor {
			v := visitor{Arrives: upTo(5).Draw(t, "arrives"), Ends: rapid.IntRange(0, 3).Draw(t, "ends") > 0}
			for _, c := range rapid.SliceOfN(commands, 1, 6).Draw(t, "commands") {
				v.Request += c
			}
			v.Parts = cut(t, v.Request, upTo(3))
			return v
		}), 2, 5).Draw(t, "visitors")
		inBubble(outer, t, func() error {
			l := inmemory.Listen()
			var mu sync.Mutex
			served, highest := 0, 0
			count := func(by int) {
				mu.Lock()
				defer mu.Unlock()
				served += by
				highest = max(highest, served)
			}
			server := reference.NewTCPServer(reference.Config{
				Listen: func(string) (net.Listener, error) { return l, nil }, MaxConnections: most,
				Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
					count(1)
					defer count(-1)
					return reference.Script.Handle(h)
				}),
			})
			if err := server.Listen(); err != nil {
				return err
			}
			over := make(chan error, 1)
			go func() { over <- server.ServeForever() }()
			errs := make(chan error, len(visitors))
			for _, v := range visitors {
				go func() {
					time.Sleep(v.Arrives)
					conn := l.Dial()
					defer conn.Close()
					answered := readAll(conn)
					for _, p := range v.Parts {
						time.Sleep(p.Wait)
						if _, err := io.WriteString(conn, p.Text); err != nil {
							break
						}
					}
					want := said(v.Request, true).Sent
					if !v.Ends { // the clock goes on once all is said that is due, and then it is gone
						want = said(v.Request, false).Sent
						time.Sleep(time.Millisecond)
						_ = conn.Close()
					} else {
						_ = conn.CloseWrite()
					}
					if got := <-answered; got != want {
						errs <- fmt.Errorf("to %q it said %q, want %q", v.Request, got, want)
						return
					}
					errs <- nil
				}()
			}
			var first error
			for range visitors {
				if err := <-errs; err != nil && first == nil {
					first = err
				}
			}
			if err := server.Shutdown(context.Background()); err != nil && first == nil {
				first = err
			}
			if err := <-over; !errors.Is(err, reference.ErrServerClosed) && first == nil {
				first = err
			}
			if most > 0 && highest > most && first == nil {
				first = fmt.Errorf("%d clients were served at once, and %d may be", highest, most)
			}
			return first
		})
	})
}
