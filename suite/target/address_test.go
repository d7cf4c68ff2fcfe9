//go:build unix

package target

import (
	"context"
	"errors"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

func TestAddressForms(t *testing.T) {
	t.Parallel()
	l := lowListen(t, "tcp", "127.0.0.1")
	port := strconv.Itoa(portOf(l))
	for _, text := range []string{port, ":" + port, "127.0.0.1:" + port, "[127.0.0.1]:" + port, "0.0.0.0:" + port, "localhost:" + port, "[::ffff:127.0.0.1]:" + port} {
		target, err := Address(bounded(t), text, 0)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if target.Address != "127.0.0.1:"+port || target.Name != text || target.Kind != KindAddress || target.PID() != 0 {
			t.Errorf("%s: %+v", text, target)
		}
		if target.Alive() != nil || target.Launcher() != nil || target.Stderr() != "" || target.Close(bounded(t)) != nil {
			t.Errorf("%s: more is known than can be", text)
		}
	}
	if err := l.SetDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if c, err := l.Accept(); err == nil && canSee() {
		t.Errorf("%v was connected to, and need not have been", c.LocalAddr())
	}
}

// canSee tells whether this machine tells who listens.
func canSee() bool {
	_, err := kernel.Listeners(1)
	return err == nil
}

func TestAddressPrefersOneThatAnswers(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	l := lowListen(t, "tcp", "::1") // and nobody on 127.0.0.1
	port := strconv.Itoa(portOf(l))
	for _, text := range []string{port, ":" + port, "[::1]:" + port, "[::]:" + port} {
		target, err := Address(bounded(t), text, 0)
		if err != nil || target.Address != "[::1]:"+port {
			t.Errorf("%s: %+v, %v", text, target, err)
		}
	}
	if _, err := Address(bounded(t), "127.0.0.1:"+port, 0); !errors.As(err, new(*UnreachableError)) {
		t.Errorf("on 127.0.0.1: %v", err)
	}
}

// nobody is an address on which nobody listens. A port that a test has closed may be another process's by then.
const nobody = "127.0.0.1:1"

func TestAddressConnectsWhereItCannotSee(t *testing.T) {
	t.Parallel()
	l := lowListen(t, "tcp", "127.0.0.1")
	go acceptAll(l)
	if err := connect(bounded(t), l.Addr().String(), time.Second); err != nil {
		t.Error(err)
	}
	if err := connect(bounded(t), nobody, time.Second); err == nil {
		t.Error("connected to nothing")
	}
}

func TestAddressRefusesBadSyntax(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                              "empty",
		"host":                          "is no address",
		"127.0.0.1":                     "has no port",
		"::1":                           "has no port",
		"[::1]":                         "has no port",
		"::1:8080":                      "has no port", // which is an address as well
		"fe80::1%lo:80":                 "IPv6",
		"host:":                         "has no port",
		":":                             "has no port",
		"host:http":                     "no number",
		"host:+80":                      "no number",
		"host:-1":                       "no number",
		"host:８０":                       "no number",
		"0":                             "1 to 65535",
		"host:0":                        "1 to 65535",
		"65536":                         "1 to 65535",
		"host:99999999999999999999":     "1 to 65535",
		"http://host:80":                "URL",
		"ho st:80":                      "no host name",
		"host/path:80":                  "no host name",
		"[host:80":                      "is no address",
		"[::1]x:80":                     "is no address",
		"[::g]:80":                      "no host name",
		"a\nb:80":                       "no host name",
		strings.Repeat("a", 300) + ":1": "no host name",
	} {
		_, err := Address(bounded(t), text, 0)
		if !errors.As(err, new(*UsageError)) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %T %v, want %q", text, err, err, says)
		}
	}
}

func TestAddressOfNothing(t *testing.T) {
	t.Parallel()
	_, err := Address(bounded(t), nobody, 0)
	if !errors.As(err, new(*UnreachableError)) || !strings.Contains(err.Error(), "start the server first") {
		t.Errorf("%T %v", err, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Address(ctx, nobody, 0); !errors.Is(err, context.Canceled) || !errors.As(err, new(*UnreachableError)) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestAddressOfASilentResolver: a name whose resolver says nothing is given up when the context ends, however long it would wait.
func TestAddressOfASilentResolver(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(bounded(t))
	ended := make(chan struct{})
	defer close(ended)
	silent := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		cancel() // it has been asked
		<-ended
		return nil, errors.New("nothing was said")
	}}
	_, err := addressBy(ctx, silent, "server.example:80", 0)
	if !errors.As(err, new(*UnreachableError)) || !strings.Contains(err.Error(), "server.example") {
		t.Errorf("%T %v", err, err)
	}
}

func TestReachTakesTheFirstThatAnswers(t *testing.T) {
	t.Parallel()
	l := lowListen(t, "tcp", "127.0.0.1")
	addresses := []netip.Addr{netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.1")}
	if at, err := reach(bounded(t), addresses, portOf(l)); err != nil || at.Addr() != addresses[1] {
		t.Errorf("%v, %v", at, err)
	}
	if _, err := reach(bounded(t), nil, portOf(l)); err == nil {
		t.Error("no address answers")
	}
}

func TestAddressWithAProcess(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "plain")
	target, err := Address(bounded(t), p.Address(), p.PID())
	if err != nil {
		t.Fatal(err)
	}
	if target.PID() != p.PID() || target.Alive() != nil {
		t.Errorf("%+v, %v", target, target.Alive())
	}
	if err := target.Close(bounded(t)); err != nil || target.Alive() != nil {
		t.Errorf("Close touched a server that is not ours: %v, %v", err, target.Alive())
	}
	p.Kill()
	if err := target.Alive(); !errors.As(err, new(*ExitedError)) || !strings.Contains(err.Error(), strconv.Itoa(p.PID())) {
		t.Errorf("after its end: %v", err)
	}
	for _, pid := range []int{-1, math.MaxInt32, p.PID()} {
		if _, err := Address(bounded(t), "127.0.0.1:1", pid); !errors.As(err, new(*UsageError)) {
			t.Errorf("pid %d: %v", pid, err)
		}
	}
}
