package service

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/show"
)

// asked is how often each request of the control is asked: what is not the same each time varies.
const asked = 3

// FirstTold is the value of the X-Probe field that Told's content repeats.
const FirstTold = "streamspec-tells-one"

// unready is what a server answers that is still starting (RFC 9110, 15.6.4).
const unready = 503

// Warm waits until a server that was just started is ready to answer, or some seconds have passed: one that listens may still be starting, and
// say so, or nothing.
func (s *Service) Warm(ctx context.Context, p *player.Player) {
	for began := time.Now(); time.Since(began) < patience.Warm && ctx.Err() == nil && p.Alive() == nil; player.Sleep(ctx, patience.LookAtStart) {
		seen, f := s.Ask(ctx, p, Question{Message: s.Get(s.Path), Alone: true}, delivery.Whole(), p.Wait()/4)
		if f == nil && seen.First != nil && seen.First.Status != unready {
			return
		}
	}
}

// Learn asks the control: what all else is told by. Its finding says why the server cannot be judged, and which option helps.
func (s *Service) Learn(ctx context.Context, p *player.Player) *finding.Finding {
	if f := s.quick(ctx, p); f != nil {
		return f
	}
	for _, c := range []struct {
		known *http1.Known
		what  func(i int) http1.Message
	}{
		{&s.Control.Get, func(int) http1.Message { return s.Get(s.Path) }},
		{&s.Control.Head, func(int) http1.Message { return s.Head(s.Path) }},
		{&s.Control.Post, func(int) http1.Message { return s.PostOf(s.Post, "hello") }},
		{&s.Control.Missing, func(int) http1.Message { return s.Get(s.Missing) }},
		{&s.Control.Unknown, func(int) http1.Message { return s.By(unheard, s.Path) }},
		{&s.Next, func(i int) http1.Message { return s.FollowUp("efg"[i : i+1]) }}, // as long as what follows, which its answer may repeat
	} {
		var answers []*http1.Answer
		for i := range asked {
			seen, f := s.answered(ctx, p, c.what(i))
			if f != nil {
				return f
			}
			answers = append(answers, seen.First)
			s.note(seen)
		}
		var same bool
		if *c.known, same = http1.Learn(answers); !same {
			return finding.NewUndecided("what the server answers to %s is not the same each time: its status, or how its length is said, changes (statuses %s); name a path that does not change with --path", c.what(0).Name, statuses(answers))
		}
	}
	if f := s.usable(); f != nil {
		return f
	}
	return s.abilities(ctx, p)
}

// quick asks for P until it is seen that the server is not too slow to be judged: all that is learned would take minutes, and be of no use.
func (s *Service) quick(ctx context.Context, p *player.Player) *finding.Finding {
	const often = 8
	m, quickest := s.Get(s.Path), patience.Quickest{}
	for range often {
		began := time.Now()
		if _, f := s.answered(ctx, p, m); f != nil {
			return f
		}
		quickest.Note(time.Since(began))
		if !p.Patience.TooSlow(quickest.Took) {
			return nil
		}
		if quickest.Alike {
			break
		}
	}
	return finding.NewUndecided("%s", patience.Slowness(quickest.Took, len(m.Bytes)))
}

// answered asks a message alone, until it is answered.
func (s *Service) answered(ctx context.Context, p *player.Player, m http1.Message) (seen *Seen, f *finding.Finding) {
	f = p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		var f *finding.Finding
		if seen, f = s.Ask(ctx, p, Question{Message: m, Alone: true}, delivery.Whole(), wait); f != nil {
			return f
		}
		switch {
		case seen.Reading == Garbled, seen.First != nil && seen.First.Flawed(http1.NoStatusLine) != nil:
			return finding.NewUndecided("what the server answers to %s is no HTTP/1.1: %s", m.Name, foreign(seen.Trial.Answer.Head))
		case seen.First == nil && seen.Part != nil && len(seen.Part.Flaws) == 0 && len(seen.Trial.Answer.Head) >= mostKept:
			flag := "--path"
			if m.Name == "POST "+s.Post {
				flag = "--post-path"
			}
			return finding.NewUndecided("the answer to %s is longer than %d MiB, and no more of one is read: name a path with a shorter one with %s", m.Name, mostKept>>20, flag)
		case seen.First == nil && seen.Closed && !seen.Finished:
			return seen.Trial.Broken(fmt.Sprintf("the server ended the connection without an answer to %s%s", m.Name, unread(seen)))
		case seen.First == nil:
			return seen.Trial.Missing(fmt.Sprintf("the server did not answer %s%s", m.Name, unread(seen)))
		}
		return nil
	})
	return seen, f
}

// unread says what came in place of an answer, where anything did: what is wrong with it, or that it is a part.
func unread(seen *Seen) string {
	all := seen.Answers()
	if len(all) == 0 {
		return ""
	}
	for _, f := range all[len(all)-1].Flaws {
		if f.Kind != http1.CutShort {
			return ": " + f.Text
		}
	}
	return ": only a part of one came"
}

// foreign says what else speaks with bytes like these.
func foreign(b []byte) string {
	switch {
	case len(b) > 2 && b[0] >= 0x14 && b[0] <= 0x17 && b[1] == 3:
		return "it speaks TLS, and streamspec speaks HTTP in the clear"
	case len(b) >= 9 && b[3] == 4 && bytes.Equal(b[5:9], make([]byte, 4)):
		return "it speaks HTTP/2"
	case len(b) == 0:
		return "there was nothing"
	}
	return fmt.Sprintf("it begins with %s", show.Bytes(b[:min(len(b), 40)]))
}

// note learns what each answer of the control shows.
func (s *Service) note(seen *Seen) {
	s.Old = s.Old || seen.First.Version == "HTTP/1.0"
	if v := seen.First.Values("ETag"); len(v) > 0 && s.ETag == "" && seen.First.Status == 200 {
		s.ETag = v[0]
	}
}

func statuses(answers []*http1.Answer) string {
	var b bytes.Buffer
	for i, a := range answers {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, a.Status)
	}
	return b.String()
}

// usable says why nothing can be told by the control.
func (s *Service) usable() *finding.Finding {
	get, missing := s.Control.Get, s.Control.Missing
	constant := !get.Tells(missing) && !get.Tells(s.Control.Unknown) && !get.Tells(s.Control.Post)
	switch {
	case get.Status == 401 || get.Status == 407:
		return finding.NewUndecided("the server answers %d to all that it is asked: give what it wants with --header 'Authorization: …'", get.Status)
	case get.Status >= 300 && get.Status < 400:
		return finding.NewUndecided("the server answers %d to GET %s: name a path that it answers itself with --path", get.Status, s.Path)
	case get.Status == 404 && constant:
		return finding.NewUndecided("the server answers 404 to GET %s as to everything: name a path that it has with --path", s.Path)
	case constant:
		return finding.NewUndecided("the server answers the same (%d) to whatever it is asked: an answer shows nothing of how it read the request", get.Status)
	case get.Status >= 400:
		return finding.NewUndecided("the server answers %d to GET %s: name a path that it answers with --path", get.Status, s.Path)
	}
	return nil
}

// abilities learns what the server can show beside the control.
func (s *Service) abilities(ctx context.Context, p *player.Player) *finding.Finding {
	s.Routes = s.Control.Unknown.Tells(s.Control.Get) || s.Control.Unknown.Status != s.Control.Get.Status
	echoes, alone := true, true
	for _, content := range []string{"streamspec-one", "streamspec-two"} {
		seen, f := s.answered(ctx, p, s.PostOf(s.Post, content))
		if f != nil {
			return f
		}
		echoes = echoes && bytes.Contains(seen.First.Content, []byte(content))
		alone = alone && string(seen.First.Content) == content
	}
	s.Echoes, s.Returns = echoes, alone
	tells := true
	var told []*http1.Answer
	for _, value := range []string{FirstTold, "streamspec-tells-the-other", "streamspec-tells"} {
		seen, f := s.answered(ctx, p, s.Get(s.Tells, "X-Probe: "+value))
		if f != nil {
			return f
		}
		told = append(told, seen.First)
		tells = tells && bytes.Contains(seen.First.Content, []byte(value))
	}
	var same bool
	if s.Told, same = http1.Learn(told); !tells || !same {
		s.Tells = ""
	}
	if f := s.connections(ctx, p); f != nil {
		return f
	}
	return s.requests(ctx, p)
}

// connections learns what the server does with a connection behind an answer, and with what came together with the request before it.
func (s *Service) connections(ctx context.Context, p *player.Player) *finding.Finding {
	f := p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		s.Pipelines, s.Closes = true, false
		seen, f := s.Ask(ctx, p, Question{Message: s.Get(s.Path)}, delivery.Whole(), wait)
		if f != nil || seen.Reading == Taken {
			return f
		}
		s.Pipelines = false
		if seen, f = s.Ask(ctx, p, Question{Message: s.Get(s.Path)}, delivery.Whole(), wait); f != nil || seen.Reading == Taken {
			return f
		}
		s.Closes = true
		return nil
	})
	if f != nil {
		return f
	}
	return s.posts(ctx, p)
}
