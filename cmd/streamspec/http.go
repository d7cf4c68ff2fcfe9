package main

import (
	"github.com/spf13/pflag"

	"github.com/streamspec/streamspec/internal/http1/service"
)

// httpFlags are what the suite is told of a server that speaks http1, where it is not to find that out.
func httpFlags(fs *pflag.FlagSet, o *service.Options) {
	fs.StringVar(&o.Path, "path", "", "http1: the path that answers GET (/ where it is not given)")
	fs.StringVar(&o.PostPath, "post-path", "", "http1: the path that takes a body by POST (that of GET where it is not given)")
	fs.StringVar(&o.EchoPath, "echo-path", "", "http1: the path that repeats in its content what it understood of its request: its target, Host and fields (that of GET where it is not given)")
	fs.StringArrayVar(&o.Fields, "header", nil, "http1: a field that every request has, as 'Name: value'; may be given again")
	fs.Int64Var(&o.BodyLimit, "body-limit", 0, "http1: the largest body in bytes that the server has to take (1048576 where it is not given)")
	fs.DurationVar(&o.CloseWait, "close-wait", 0, "http1: how long the server may take to end a connection that it is to end (2s where it is not given)")
}
