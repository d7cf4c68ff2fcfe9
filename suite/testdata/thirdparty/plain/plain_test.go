package plain

import (
	"testing"
	"time"

	"example.com/thirdparty/server"
	"github.com/streamspec/streamspec/suite"
)

// Four targets in one binary.

func TestEcho(t *testing.T) {
	t.Parallel()
	suite.Test(t, suite.Config{Addr: server.Start(t, server.Echo), Dialect: "echo"})
}

func TestLine(t *testing.T) {
	t.Parallel()
	suite.Test(t, suite.Config{Addr: server.Start(t, server.Line), Dialect: "line"})
}

func TestEchoOnce(t *testing.T) {
	t.Parallel()
	suite.Test(t, suite.Config{Addr: server.Start(t, server.EchoOnce), Dialect: "echo", Timeout: 500 * time.Millisecond, Only: "LIFE-1..3,FRAM"})
}

func TestLineOnce(t *testing.T) {
	t.Parallel()
	suite.Test(t, suite.Config{Addr: server.Start(t, server.LineOnce), Dialect: "line", Timeout: 500 * time.Millisecond, Only: "LIFE-1..3,FRAM"})
}

func TestNothingThere(t *testing.T) {
	suite.Test(t, suite.Config{Addr: "127.0.0.1:1"})
}

func TestMeaningless(t *testing.T) {
	suite.Test(t, suite.Config{Addr: "127.0.0.1:1", Dialect: "ehco"})
}
