package web

import "errors"

// errStopped ends a connection whose fault has waited until the server was to stop.
var errStopped = errors.New("web: the server has stopped")
