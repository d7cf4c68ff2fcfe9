// Package rare holds three servers of the line dialect, each with one fault that few sessions bring out: it needs a state
// that is reached in steps, each a branch of its own. They show whether a fuzzer is guided by what it reached. Sessions that
// are drawn at random bring a fault out once in many thousands; a fuzzer that keeps what reached a further step and
// changes it a little needs far fewer. Everything else about them is right.
//
// Their commands are in the folders steps, counts and cuts.
package rare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/streamspec/streamspec/fuzz/coverage/endpoint"
	"github.com/streamspec/streamspec/reference"
)

// shutdownBound is how long answers in progress may take when the server is asked to end.
const shutdownBound = 2 * time.Second

// Main is the main function of a server: it serves on the address that is the command's argument until SIGTERM comes, and
// then returns, so that GOCOVERDIR is written.
func Main(handler reference.HandlerFunc) {
	if len(os.Args) != 2 {
		fmt.Fprintf(os.Stderr, "usage: %s HOST:PORT\n", os.Args[0])
		os.Exit(2)
	}
	if err := endpoint.Serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err := serve(os.Args[1], handler); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(addr string, handler reference.HandlerFunc) error {
	asked, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := reference.NewTCPServer(reference.Config{Addr: addr, Handler: handler})
	if err := server.Listen(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeForever() }()
	select {
	case err := <-ended:
		return err
	case <-asked.Done():
	}
	bound, cancel := context.WithTimeout(context.Background(), shutdownBound)
	defer cancel()
	if err := server.Shutdown(bound); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// lines answers each line by what answer says, until an empty one or the end of the stream.
func lines(h *reference.StreamHandler, answer func(line string) string) error {
	for {
		line, err := h.ReadLine()
		if err == io.EOF || err == nil && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		if err := reply(h, answer(line)); err != nil {
			return err
		}
	}
}

func reply(h *reference.StreamHandler, answer string) error {
	h.WriteContent(answer + "\n")
	return h.Send()
}

// Steps answers a line twice, in one line, when it is the last of six in a row, each of which is of a kind of its own.
func Steps(h *reference.StreamHandler) error {
	step, before := 0, ""
	return lines(h, func(line string) string {
		last := before
		before = line
		switch step {
		case 0:
			if len(line)%8 == 3 {
				step = 1
			}
			return line
		case 1:
			if line[0] >= 'a' && line[0] <= 'h' {
				step = 2
				return line
			}
		case 2:
			if utf8.RuneCountInString(line) < len(line) {
				step = 3
				return line
			}
		case 3:
			if len(line) > 2*len(last) {
				step = 4
				return line
			}
		case 4:
			if len(line)%8 == 6 {
				step = 5
				return line
			}
		case 5:
			if line[0] >= 'A' && line[0] <= 'Z' {
				step = 0
				return line + line
			}
		}
		step = 0
		return line
	})
}

// Counts puts lines in eight slots by their length, as a table of names might, and answers the line that goes into a full
// slot twice, in one line, when the slot beside it holds so many that there is no room for it either.
func Counts(h *reference.StreamHandler) error {
	var slots [8]int
	return lines(h, func(line string) string {
		slot := len(line) % len(slots)
		slots[slot]++
		if slot != 5 {
			return line
		}
		switch slots[5] {
		case 1:
			return line
		case 2:
			return line
		case 3:
			return line
		case 4:
			return line
		}
		switch slots[6] {
		case 0:
			return line
		case 1:
			return line
		case 2:
			return line + line
		}
		return line
	})
}

// How a line was cut: what the reads that brought a part of it left behind.
const (
	cutText      = 1 << iota // somewhere
	cutCharacter             // inside a character of several bytes
	cutEnd                   // between CR and LF
)

// Cuts answers a line twice, in one line, when it is the last of five in a row that were cut, or not, each in its own way.
func Cuts(h *reference.StreamHandler) error {
	var pending []byte
	step, cut := 0, 0
	for {
		segment, err := h.ReadSome()
		ended := err == io.EOF
		if err != nil && !ended {
			return err
		}
		pending = append(pending, segment...)
		for len(pending) > 0 {
			n := min(len(pending), reference.DefaultLineLimit)
			if i := bytes.IndexByte(pending[:n], '\n'); i >= 0 {
				n = i + 1
			} else if n < reference.DefaultLineLimit && !ended {
				break
			}
			line, err := reference.Decode(bytes.Trim(pending[:n], " \t\n\v\f\r"))
			if err != nil || line == "" {
				return err
			}
			pending = pending[n:]
			answer := line
			if step = follow(step, cut, line); step == 5 {
				answer, step = line+line, 0
			}
			if err := reply(h, answer); err != nil {
				return err
			}
			cut = 0
		}
		if ended {
			return nil
		}
		if len(pending) > 0 {
			cut |= cutBehind(pending)
		}
	}
}

// cutBehind says how what was read of a line was cut.
func cutBehind(part []byte) int {
	if part[len(part)-1] == '\r' {
		return cutText | cutEnd
	}
	if !utf8.FullRune(part[lastRune(part):]) {
		return cutText | cutCharacter
	}
	return cutText
}

// lastRune is where the last character of part begins.
func lastRune(part []byte) int {
	for i := len(part) - 1; i > 0 && i > len(part)-utf8.UTFMax; i-- {
		if utf8.RuneStart(part[i]) {
			return i
		}
	}
	return 0
}

// follow returns the step after the one that was reached, or 0.
func follow(step, cut int, line string) int {
	switch step {
	case 0:
		if cut&cutCharacter != 0 {
			return 1
		}
	case 1:
		if cut == 0 {
			return 2
		}
	case 2:
		if cut&cutEnd != 0 {
			return 3
		}
	case 3:
		if cut != 0 && len(line)%8 == 1 {
			return 4
		}
	case 4:
		if cut == 0 {
			return 5
		}
	}
	return 0
}
