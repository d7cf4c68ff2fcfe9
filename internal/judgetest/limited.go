package judgetest

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Limited is a line server that serves so many clients at once, and refuses others. It counts a client for some time after that has left,
// and where it was full it finds out only some time later that its clients have left.
type Limited struct {
	Most   int
	Blind  time.Duration
	Late   time.Duration
	From   int           // clients from this number on are counted longer, where it is not 0
	Longer time.Duration // so much longer
	Refuse func(Conn)    // nil: it says busy
	mu     sync.Mutex
	open   int
	until  time.Time // when it looks for clients that have left
}

func (l *Limited) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.Most || time.Now().Before(l.until) {
		return false
	}
	if l.open++; l.open == l.Most {
		l.until = time.Now().Add(l.Blind)
	}
	return true
}

func (l *Limited) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
}

// Serve answers each line of the client of that number, or refuses it.
func (l *Limited) Serve(c Conn, number int) {
	if !l.enter() {
		if l.Refuse == nil {
			l.Refuse = SaysBusy
		}
		l.Refuse(c)
		return
	}
	defer func() {
		_ = c.Close()
		time.Sleep(l.Late)
		if l.From > 0 && number >= l.From {
			time.Sleep(l.Longer)
		}
		l.leave()
	}()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		_, _ = fmt.Fprintln(c, strings.Trim(lines.Text(), " \t\n\v\f\r")) // the client sees how far it comes
	}
}

// SaysBusy refuses a client in words.
func SaysBusy(c Conn) { _, _ = io.WriteString(c, "busy\n") } // the client sees how far it comes

// Resets refuses a client by a reset.
func Resets(c Conn) {
	_ = c.SetLinger(0) // in memory it is always possible
	_ = c.Close()
}
