package withginkgo

import (
	"testing"
	"time"

	"example.com/thirdparty/server"
	"github.com/onsi/ginkgo/v2"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/ginkgosuite"
)

func TestServers(t *testing.T) {
	ginkgo.RunSpecs(t, "servers")
}

var right, wrong string

var _ = ginkgo.BeforeSuite(func() {
	for _, s := range []struct {
		addr  *string
		right bool
	}{{&right, true}, {&wrong, false}} {
		handle := server.EchoOnce
		if s.right {
			handle = server.Echo
		}
		addr, stop, err := server.Serve(handle)
		if err != nil {
			ginkgo.Fail(err.Error())
		}
		*s.addr = addr
		ginkgo.DeferCleanup(stop)
	}
})

var _ = ginkgosuite.Describe("right", "echo", func() suite.Config {
	return suite.Config{Addr: right, Only: "FRAM,CLOS"}
})

var _ = ginkgosuite.Describe("wrong", "echo", func() suite.Config {
	return suite.Config{Addr: wrong, Only: "FRAM", Timeout: 500 * time.Millisecond}
})

var _ = ginkgosuite.Describe("no dialect", "ehco", func() suite.Config { return suite.Config{Addr: right} })
