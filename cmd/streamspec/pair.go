package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/pair"
	"github.com/streamspec/streamspec/internal/rules/web"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

func newPair() *cobra.Command {
	var listen, only string
	var verbose bool
	var o service.Options
	cmd := &cobra.Command{
		Use:   "pair FRONT BACK --listen ADDR",
		Short: "Find out whether a front end and the server behind it agree",
		Long: `pair finds out whether a front end and the server behind it agree about where requests end
(SMUG-8): where they do not, one client's request can be hidden in another's.

The front end must send on to ADDR, where pair listens meanwhile and records what comes. What
came is then given to BACK, byte for byte. BACK need not know of the front end.`,
		Example: `  streamspec pair 8080 9000 --listen 127.0.0.1:8081`,
		Args:    exactly(2, "the addresses of a front end and of the server behind it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if listen == "" {
				return usageError("--listen wants the address that the front end sends on to")
			}
			if _, err := service.NewDialect(o); err != nil {
				return usageError("%v", err)
			}
			messages, err := pairMessages(only)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
			if err != nil {
				return usageError("pair cannot listen where the front end is to send on to: %v", err)
			}
			recorder := pair.Record(l)
			defer recorder.Close()
			var addresses []string
			for _, a := range args {
				t, err := target.Address(ctx, a, 0)
				if err != nil {
					return err
				}
				addresses = append(addresses, t.Address)
			}
			s := service.New(addresses[0], o)
			p := pair.Pair{Front: addresses[0], Back: addresses[1], Recorder: recorder, Target: s.Target}
			if plain := p.Ask(ctx, s.Get(s.Path)); plain.Verdict != pair.Agreed {
				return fmt.Errorf("a plain request does not come through the pair: %s; let the front end send on to %s", show.Prose(plain.Said), l.Addr())
			}
			w := cmd.OutOrStdout()
			counts := map[pair.Verdict]int{}
			for _, m := range messages(s) {
				if ctx.Err() != nil {
					return fmt.Errorf("interrupted")
				}
				res := p.Ask(ctx, m)
				counts[res.Verdict]++
				if verbose || res.Verdict == pair.Parted || res.Verdict == pair.Unknown {
					printPaired(w, res)
				}
			}
			all := counts[pair.Agreed] + counts[pair.Refused] + counts[pair.Parted] + counts[pair.Unknown]
			switch {
			case counts[pair.Parted] > 0:
				fmt.Fprintf(w, "they part: over %d of %d messages (SMUG-8)\n", counts[pair.Parted], all)
				return &statusError{status: report.NotConformant.ExitStatus()}
			case counts[pair.Unknown] > 0 || all == 0:
				fmt.Fprintf(w, "no verdict: of %d of %d messages it is not known\n", counts[pair.Unknown], all)
				return &statusError{status: report.NoVerdict.ExitStatus()}
			}
			fmt.Fprintf(w, "they agree: over %d messages, of which the front end refused %d (SMUG-8)\n", all, counts[pair.Refused])
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&listen, "listen", "", "where pair listens, and the front end sends on to")
	fs.StringVar(&only, "only", "", "send only the messages of these: ids or families, with commas between (HLEN,SMUG-2)")
	fs.StringVar(&o.Path, "path", "", "the path that answers GET (/ where it is not given)")
	fs.StringVar(&o.PostPath, "post-path", "", "the path that takes a body by POST (that of GET where it is not given)")
	fs.StringArrayVar(&o.Fields, "header", nil, "a field that every request has, as 'Name: value'; may be given again")
	fs.BoolVarP(&verbose, "verbose", "v", false, "show what they agree about too")
	return cmd
}

// pairMessages returns what makes the messages of these requirements and families; of all where none is named.
func pairMessages(only string) (func(*service.Service) []http1.Message, error) {
	if strings.TrimSpace(only) == "" {
		return web.Messages, nil
	}
	words := strings.Split(strings.ToUpper(only), ",")
	of := func(m http1.Message, word string) bool {
		id, _, _ := strings.Cut(m.Name, " ")
		family, _, _ := strings.Cut(id, "-")
		return word == id || word == family
	}
	all := web.Messages(service.New("localhost", service.Options{}))
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
		if !slices.ContainsFunc(all, func(m http1.Message) bool { return of(m, words[i]) }) {
			return nil, usageError("no message is of %s: --only takes ids and families, such as HLEN,SMUG-2", show.Prose(words[i]))
		}
	}
	return func(s *service.Service) []http1.Message {
		return slices.DeleteFunc(web.Messages(s), func(m http1.Message) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return of(m, w) })
		})
	}, nil
}

// printPaired shows what a message came to, with its bytes where the two part.
func printPaired(w io.Writer, r pair.Result) {
	mark := map[pair.Verdict]string{pair.Agreed: "✓", pair.Refused: "✓", pair.Parted: "✗", pair.Unknown: "?"}[r.Verdict]
	fmt.Fprintf(w, "%s %s: %s\n", mark, show.Prose(r.Message.Name), show.Prose(r.Said))
	if r.Verdict != pair.Parted {
		return
	}
	printBytes(w, "sent", r.Message.Bytes)
	for i, s := range r.Sent {
		for _, one := range s.Requests {
			printBytes(w, "sent on", one)
		}
		if len(s.Rest) > 0 {
			printBytes(w, "and then", s.Rest)
		}
		if i < len(r.Back) {
			fmt.Fprintf(w, "    %-9s %s\n", "answered", strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Back[i]), " ", ", "), "[]"))
		}
	}
}

// printBytes shows bytes, a line of theirs on a line.
func printBytes(w io.Writer, label string, b []byte) {
	const most = 24
	lines := bytes.SplitAfter(b, []byte("\n"))
	for i, line := range lines[:min(len(lines), most)] {
		if len(line) == 0 {
			continue
		}
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(w, "    %-9s %s\n", label, show.Bytes(line[:min(len(line), 200)]))
	}
	if len(lines) > most {
		fmt.Fprintf(w, "    %-9s and %d lines more\n", "", len(lines)-most)
	}
}
