package http1_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

const (
	benchText    = "I am the server, I have got it.\n"
	benchRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
)

// A benched is one of the two servers that are compared: they answer the same.
type benched struct {
	name  string
	serve func(tb testing.TB) (addr string, stop func())
}

var bothServers = []benched{
	{"reference", func(tb testing.TB) (string, func()) {
		server := reference.NewTCPServer(reference.Config{Handler: serving(func(w *http1.Answer, r *http1.Request) error {
			return w.Text(200, benchText)
		})})
		if err := server.Listen(); err != nil {
			tb.Fatal(err)
		}
		go func() { _ = server.ServeForever() }()
		return server.Addr().String(), func() {
			_ = server.Close()
			_ = server.Shutdown(context.Background())
		}
	}},
	{"nethttp", func(tb testing.TB) (string, func()) {
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, benchText)
		})}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		go func() { _ = server.Serve(l) }()
		return l.Addr().String(), func() { _ = server.Close() }
	}},
}

// benchClient is kept connections, and how long an answer is.
type benchClient struct {
	conns  []net.Conn
	answer int
}

func newBenchClient(b *testing.B, addr string, n int) *benchClient {
	c := &benchClient{}
	for range n {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		c.conns = append(c.conns, conn)
	}
	text := make([]byte, 0, 4<<10)
	_, _ = io.WriteString(c.conns[0], benchRequest)
	for !strings.HasSuffix(string(text), benchText) {
		n, err := c.conns[0].Read(text[len(text):cap(text)])
		if err != nil {
			b.Fatal(err)
		}
		text = text[:len(text)+n]
	}
	c.answer = len(text)
	return c
}

// round has so many requests answered, by two threads that ask on all their connections and
// then read on all, and returns how long that took.
func (c *benchClient) round(b *testing.B, requests int) time.Duration {
	began := time.Now()
	var all sync.WaitGroup
	threads := min(2, len(c.conns))
	for i := range threads {
		mine := c.conns[i*len(c.conns)/threads : (i+1)*len(c.conns)/threads]
		all.Go(func() {
			answer := make([]byte, c.answer)
			for done := 0; done < requests/threads; done += len(mine) {
				for _, conn := range mine {
					_, _ = io.WriteString(conn, benchRequest)
				}
				for _, conn := range mine {
					if _, err := io.ReadFull(conn, answer); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// BenchmarkRequests compares how many requests a second both servers answer on kept connections, in
// rounds that take turns, so that what else the machine does falls on both.
func BenchmarkRequests(b *testing.B) {
	for _, n := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("connections=%d", n), func(b *testing.B) {
			const requests = 4000
			clients, took := make([]*benchClient, len(bothServers)), make([]time.Duration, len(bothServers))
			for i, s := range bothServers {
				addr, stop := s.serve(b)
				b.Cleanup(stop)
				clients[i] = newBenchClient(b, addr, n)
				clients[i].round(b, requests) // warm
			}
			var ratios []float64
			for b.Loop() {
				var now [2]time.Duration
				for i := range clients {
					now[i] = clients[i].round(b, requests)
					took[i] += now[i]
				}
				ratios = append(ratios, now[1].Seconds()/now[0].Seconds())
			}
			slices.Sort(ratios)
			for i, s := range bothServers {
				b.ReportMetric(float64(requests*len(ratios))/took[i].Seconds(), s.name+"-req/s")
			}
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
