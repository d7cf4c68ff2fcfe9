package web

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/http1/service"
)

func TestTmp(t *testing.T) {
	addr := os.Getenv("ADDR")
	if addr == "" {
		t.Skip()
	}
	s := visit(t, addrListener(addr), service.Options{PostPath: "/echo", EchoPath: os.Getenv("ECHO")})
	for _, r := range Rules() {
		if id := os.Getenv("ID"); id != "" && r.Requirement != id {
			continue
		}
		began := time.Now()
		f, observed := s.show(t.Context(), r)
		if f != nil {
			t.Errorf("%s: %s %s (%d)", r.Requirement, f.Kind, f.Problem, f.Grade)
		}
		t.Log(r.Requirement, time.Since(began), observed)
	}
}

type addrListener string

func (a addrListener) Accept() (net.Conn, error) { return nil, nil }
func (a addrListener) Close() error              { return nil }
func (a addrListener) Addr() net.Addr            { r, _ := net.ResolveTCPAddr("tcp", string(a)); return r }
