package unlike

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// libraryText is what Go's own packages say, and people need not read: a time with more digits than tell anything, or with units of which there
// is none, and what strconv says of a number.
var libraryText = regexp.MustCompile(`\d\.\d{4,}(ns|µs|ms|s)\b|\dh0m0s|\dm0s|strconv\.|invalid syntax|\bparsing (time|")|%!|0x[0-9a-f]{8}|<nil>`)

// TestNoTextOfLibraries: of servers that are late in many ways, nothing is said in the words of Go's own packages.
func TestNoTextOfLibraries(t *testing.T) {
	judgetest.Table(t)
	for name, config := range map[string]func(t *testing.T) judge.Config{
		"drips": func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", func(c judgetest.Conn, n int) {
				(&judgetest.Limited{Most: 1}).Serve(judgetest.Drips{Conn: c, Apart: 1001342773}, n)
			})
		},
		"drips a little": func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", func(c judgetest.Conn, n int) {
				(&judgetest.Limited{Most: 1}).Serve(judgetest.Drips{Conn: c, Apart: 23456789}, n)
			})
		},
		"too slow": func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) { time.Sleep(1234567891); (&judgetest.Limited{Most: 1}).Serve(c, 1) })
		},
		"silent": func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", func(c judgetest.Conn, n int) {
				if n > 5 {
					time.Sleep(time.Hour)
				}
				time.Sleep(1234567)
				(&judgetest.Limited{Most: 1}).Serve(c, 1)
			})
		},
		"one client, late": func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", (&judgetest.Limited{Most: 1, Late: 1234567891}).Serve)
		},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := config(t)
			cfg.Only = "LIFE-1..5,CONC,FRAM-1..9,LINE-4,CLOS,ROBU-3"
			rep := judgetest.Judge(t, cfg)
			var said bytes.Buffer
			if err := report.WriteJSON(&said, rep); err != nil {
				t.Fatal(err)
			}
			for _, found := range libraryText.FindAllIndex(said.Bytes(), -1) {
				t.Errorf("it says …%s…", said.Bytes()[max(found[0]-100, 0):min(found[1]+20, said.Len())])
			}
		})
	}
}
