package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// A handmade server answers each connection by a function of its own, which ends it.
type handmade struct {
	net.Listener
	answer  func(net.Conn)
	clients sync.WaitGroup
}

func (s *handmade) Serve(l net.Listener) error {
	s.Listener = l
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		s.clients.Go(func() {
			s.answer(c)
			_ = c.Close()
		})
	}
}

func (s *handmade) Close() error {
	err := s.Listener.Close()
	s.clients.Wait()
	return err
}

// answerOld serves HTTP/1.0 as somebody writes it in an hour: a head up to its empty line, a body by its Content-Length, one request on a
// connection. It knows of neither Host nor chunks.
func answerOld(c net.Conn) {
	in := bufio.NewReader(c)
	start, lengths := "", []string(nil)
	say := func(status int, content string) {
		n := len(content)
		if strings.HasPrefix(start, "HEAD ") {
			content = ""
		}
		_, _ = fmt.Fprintf(c, "HTTP/1.0 %d It\r\nContent-Length: %d\r\n\r\n%s", status, n, content) // the client sees how far it comes
	}
	for {
		line, err := in.ReadString('\n')
		line, whole := strings.CutSuffix(line, "\r\n")
		name, value, field := strings.Cut(line, ":")
		switch {
		case err != nil:
			return
		case !whole || start != "" && line != "" && (!field || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("()@/", r) })):
			say(400, "no\n")
			return
		case start == "":
			start = line
			continue
		case strings.EqualFold(name, "Content-Length"):
			lengths = append(lengths, strings.Trim(value, " \t"))
		}
		if line == "" {
			break
		}
	}
	words := strings.Split(start, " ")
	n := uint64(0)
	for _, length := range lengths {
		next, err := strconv.ParseUint(length, 10, 32)
		if err != nil || n > 0 && n != next {
			say(400, "no\n")
			return
		}
		n = next
	}
	body, err := io.ReadAll(io.LimitReader(in, int64(n)))
	switch path, _, _ := strings.Cut(strings.Join(words[1:min(2, len(words))], ""), "?"); {
	case err != nil || uint64(len(body)) < n:
	case len(words) != 3 || words[2] != "HTTP/1.0" && words[2] != "HTTP/1.1" || path == "" || strings.ContainsFunc(words[1], func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		say(400, "no\n")
	case path == "/" && (words[0] == "GET" || words[0] == "HEAD"):
		say(200, "hi\n")
	case words[0] == "POST" && path == "/echo":
		say(200, string(body))
	case slices.Contains([]string{"GET", "HEAD", "POST"}, words[0]):
		say(404, "none\n")
	default:
		say(501, "what\n")
	}
}

// TestOld: of a server of HTTP/1.0 that knows nothing of HTTP/1.1, what it does wrong is found, and it is not blamed for what HTTP/1.0 does not have.
func TestOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := meet(t, &handmade{answer: answerOld}, posts)
		if !p.Service.Old || !p.Service.Closes || len(web.Notes(p.Service)) != 1 {
			t.Fatalf("it was learned as %+v", p.Service)
		}
		found := map[string]string{}
		for n := range uint64(draws / 2) {
			d := web.Drawn(p.Service, 1, n)
			if d.Stream.Modern() || web.Shows(p.Service, d.Stream) != "" {
				t.Fatalf("%d is drawn: %s", n, d.Stream.Text())
			}
			wrong, f := p.Play(t.Context(), d, p.Wait())
			if f != nil {
				t.Fatal(f.Problem)
			}
			if wrong == nil || found[wrong.Requirement] != "" {
				continue
			}
			found[wrong.Requirement] = wrong.Problem
			small, _ := p.Look(t.Context(), d, wrong)
			if small == nil || small.Stream.Modern() || small.Requirement != wrong.Requirement {
				t.Errorf("%s is made small: %+v", wrong.Problem, small)
			}
		}
		for id, problem := range found {
			if !slices.Contains([]string{"HFLD-1", "HFLD-2", "HFLD-3"}, id) {
				t.Errorf("%s %s", id, problem)
			}
		}
		if len(found) != 3 {
			t.Errorf("found %v", found)
		}
	})
}

// TestShows: what HTTP/1.0 does not have shows nothing of its servers, and is played to others.
func TestShows(t *testing.T) {
	modern := 0
	for n := range uint64(draws) {
		s := web.Drawn(&service.Service{Pipelines: true}, 1, n).Stream
		if web.Shows(&service.Service{}, s) != "" {
			t.Fatalf("%d is not played", n)
		}
		if s.Modern() {
			modern++
			if why := web.Shows(&service.Service{Old: true}, s); !strings.Contains(why, "HTTP/1.0") {
				t.Fatalf("%d is played to HTTP/1.0: %q", n, why)
			}
		}
	}
	if modern < draws/3 || modern > draws*4/5 {
		t.Errorf("%d of %d are of HTTP/1.1 alone", modern, draws)
	}
	if web.Shows(nil, web.Drawn(&service.Service{}, 1, 1).Stream) == "" {
		t.Error("of a server that was not learned something is shown")
	}
}
