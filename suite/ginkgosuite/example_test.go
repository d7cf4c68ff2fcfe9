package ginkgosuite_test

import (
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/ginkgosuite"
)

// address is where the server of a BeforeSuite listens.
var address string

// A tree of specs has one spec for each requirement. The configuration is asked for by the first that runs.
func ExampleDescribe() {
	_ = ginkgosuite.Describe("my server", "echo", func() suite.Config {
		return suite.Config{Addr: address, Only: "FRAM-1"}
	})
}
