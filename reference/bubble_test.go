package reference_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"testing"
	"testing/synctest"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/reference"
)

// suiteT is the test that runs the specs.
var suiteT *testing.T

// inBubble runs what a spec does under a clock of its own, which goes on when all
// that was started waits. What fails there ends the body with its deferred calls,
// which must end all that it started, and then the spec.
func inBubble(body func(g Gomega)) {
	GinkgoHelper()
	failure := ""
	defer func() {
		if failure != "" {
			_ = recover() // what the body has left behind cannot end any more
			Fail(failure)
		}
	}()
	synctest.Test(suiteT, func(*testing.T) {
		over := make(chan struct{})
		go func() {
			defer close(over)
			body(NewGomega(func(message string, skip ...int) {
				failure = fmt.Sprintf("%s\nat %v", message, types.NewCodeLocation(1+skip[0]))
				runtime.Goexit()
			}))
		}()
		<-over
	})
}

// A memoryServer serves clients that are in memory too.
type memoryServer struct {
	*reference.TCPServer
	listener *inmemory.Listener
	served   <-chan error
}

// dial returns a client's side of a connection that the server has accepted.
func (s memoryServer) dial() *inmemory.Conn { return s.listener.Dial() }

// inMemory serves until close, on a listener that wrap may change.
func inMemory(cfg reference.Config, wrap func(net.Listener) net.Listener) memoryServer {
	l := inmemory.Listen()
	cfg.Listen = func(string) (net.Listener, error) {
		if wrap != nil {
			return wrap(l), nil
		}
		return l, nil
	}
	server := reference.NewTCPServer(cfg)
	return memoryServer{server, l, serve(server)}
}

// close ends the server, and waits until it has ended.
func (s memoryServer) close() {
	_ = s.Close()
	<-s.served
	_ = s.Shutdown(context.Background()) // the handlers have ended
}
