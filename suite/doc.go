// Package suite is the door to the contract of a TCP stream server: what it asks for ([Catalogue]), and two ways to judge a server by
// it, [Run] for a whole report and [Test] for go test. The package ginkgosuite is the door for a ginkgo tree.
//
// A server written in Go is judged in three lines:
//
//	func TestServer(t *testing.T) {
//		suite.Test(t, suite.Config{Dialect: "line", Serve: server.Serve})
//	}
package suite
