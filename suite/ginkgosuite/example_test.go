package ginkgosuite_test

import (
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/ginkgosuite"
)

// address is where the server of a BeforeSuite listens, and httpAddress that of HTTP.
var address, httpAddress string

// A tree of specs has one spec for each requirement. The configuration is asked for by the first that runs.
func ExampleDescribe() {
	_ = ginkgosuite.Describe("my server", "echo", func() suite.Config {
		return suite.Config{Addr: address, Only: "FRAM-1"}
	})
}

// What an HTTP server is told of stands in the configuration, as everywhere.
func ExampleDescribe_http() {
	_ = ginkgosuite.Describe("my HTTP server", "http1", func() suite.Config {
		return suite.Config{Addr: httpAddress, HTTP: suite.HTTP{PostPath: "/echo", EchoPath: "/inspect"}, Only: "HREQ-3,HLEN-2"}
	})
}
