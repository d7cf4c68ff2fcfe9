package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/delivery/timeline"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/target"
)

// maxProbe bounds the text that probe sends.
const maxProbe = 16 << 20

func newProbe() *cobra.Command {
	var cuts string
	var open bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "probe ADDR TEXT",
		Short: "Send one message, print the answer and the timeline",
		Long: `probe sends one message, and prints what came back and when.

Its side of the connection stays open as long as the server answers: where nothing more comes it
half-closes, and waits for what the server has to say to that. With --open it does not.

TEXT may hold the escapes \n \r \t \0 \\ and \xNN; - reads it from standard input as it is.
With --cuts the message goes in segments, each cut confirmed where that can be.`,
		Example: `  streamspec probe 7000 'hello\r\n'
  streamspec probe 7000 'caf\xc3\xa9\n' --cuts 4
  streamspec probe 7000 'READ 5\nhelloSEND\n\n' --cuts all`,
		Args: exactly(2, "an address and a text"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := probeText(cmd.InOrStdin(), args[1])
			if err != nil {
				return err
			}
			plan, err := probePlan(cuts, len(text))
			if err != nil {
				return err
			}
			t, err := target.Address(cmd.Context(), args[0], 0)
			if err != nil {
				return err
			}
			c, err := delivery.Dial(cmd.Context(), t.Address, delivery.Options{})
			if err != nil {
				return err
			}
			defer c.Close()
			answer, playErr := probe(cmd.Context(), c, text, plan, wait, open)
			return printProbe(cmd.OutOrStdout(), c, answer, playErr)
		},
	}
	cmd.Flags().StringVar(&cuts, "cuts", "", "offsets to cut at, between commas, or all")
	cmd.Flags().BoolVar(&open, "open", false, "do not half-close after the message")
	durationFlag(cmd.Flags(), &wait, "timeout", 2*time.Second, time.Millisecond, time.Hour, "how long to wait without a byte")
	return cmd
}

// probe sends the message and takes what comes. Where nothing more comes it half-closes, unless the connection is to stay open: when
// something has come a silence says so, else the wait.
func probe(ctx context.Context, c *delivery.Conn, text []byte, plan delivery.Segments, wait time.Duration, open bool) (delivery.Answer, error) {
	const kept, most = 64 << 10, 64 << 20
	want := func(idle time.Duration, had delivery.Answer) delivery.Want {
		return delivery.Want{Idle: idle, Total: 10 * wait, Keep: max(kept-len(had.Head), 1), Limit: most - had.Total, Done: func([]byte) bool { return had.Total == 0 && !open }}
	}
	a, err := c.Exchange(ctx, text, plan, want(wait, delivery.Answer{}))
	goesOn := func() bool { return err == nil && a.Err == nil && a.Ending == delivery.StillOpen && a.Total < most }
	further := func(idle time.Duration) {
		more := c.Receive(ctx, want(idle, delivery.Answer{Head: a.Head, Total: max(a.Total, 1)}))
		a.Head = append(a.Head, more.Head[:min(len(more.Head), kept-len(a.Head))]...)
		a.Total, a.Ending, a.Err = a.Total+more.Total, more.Ending, more.Err
	}
	if a.Total > 0 && goesOn() && !open {
		further(min(wait, patience.Quiet))
	}
	if goesOn() && !open && c.HalfClose() == nil {
		further(wait)
	}
	return a, err
}

// probeText is the message: standard input, or an argument with its escapes.
func probeText(in io.Reader, arg string) ([]byte, error) {
	if arg == "-" {
		b, err := io.ReadAll(io.LimitReader(bufio.NewReader(in), maxProbe+1))
		if err != nil {
			return nil, usageError("standard input could not be read: %v", err)
		}
		if len(b) > maxProbe {
			return nil, usageError("the message is longer than %d bytes", maxProbe)
		}
		return b, nil
	}
	var b []byte
	for i := 0; i < len(arg); i++ {
		if arg[i] != '\\' {
			b = append(b, arg[i])
			continue
		}
		if i++; i == len(arg) {
			return nil, usageError(`TEXT ends with a lone \: write \\ for a backslash`)
		}
		if k := strings.IndexByte(`nrt0\`, arg[i]); k >= 0 {
			b = append(b, "\n\r\t\x00\\"[k])
			continue
		}
		if arg[i] != 'x' || i+2 >= len(arg) {
			return nil, usageError(`TEXT has an unknown escape \%c at offset %d: it is one of \n \r \t \0 \\ \xNN`, arg[i], i-1)
		}
		v, err := strconv.ParseUint(arg[i+1:i+3], 16, 8)
		if err != nil {
			return nil, usageError(`TEXT has \x without two hexadecimal digits at offset %d`, i-1)
		}
		b = append(b, byte(v))
		i += 2
	}
	return b, nil
}

func probePlan(cuts string, n int) (delivery.Segments, error) {
	if cuts == "" {
		return delivery.Whole(), nil
	}
	if cuts == "all" {
		return delivery.EveryByte(n), nil
	}
	var at []int
	for word := range strings.SplitSeq(cuts, ",") {
		k, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return delivery.Segments{}, usageError("--cuts wants offsets between commas, or all, not %q", word)
		}
		at = append(at, k)
	}
	plan := delivery.CutAt(at...)
	if err := plan.Validate(n); err != nil {
		return plan, usageError("--cuts: %v", err)
	}
	return plan, nil
}

// printProbe prints the answer, escaped, and the timeline.
func printProbe(w io.Writer, c *delivery.Conn, a delivery.Answer, playErr error) error {
	fmt.Fprintf(w, "answer (%d bytes, %s)\n", a.Total, endWords(a, c.Timeline()))
	for line := range strings.SplitSeq(strings.TrimSuffix(show.Bytes(a.Head), `\n`), `\n`) {
		if a.Total > 0 {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	if int64(len(a.Head)) < a.Total {
		fmt.Fprintf(w, "  … and %d bytes more\n", a.Total-int64(len(a.Head)))
	}
	cuts := c.Cuts()
	fmt.Fprintf(w, "timeline (cuts: %d, confirmed: %d)\n", cuts.Made, cuts.Confirmed)
	for _, v := range c.Timeline() {
		fmt.Fprintf(w, "  %9.3f ms  %-14s", float64(v.At.Microseconds())/1000, v.Kind)
		switch {
		case v.Count > 0 && len(v.Bytes) > 0:
			fmt.Fprintf(w, " %d bytes  %s", v.Count, show.Bytes(v.Bytes))
		case v.Kind == timeline.KindCut:
			fmt.Fprintf(w, " %s", v.Confirmation)
		}
		if v.Note != "" {
			fmt.Fprintf(w, " %s", show.Bytes([]byte(v.Note)))
		}
		fmt.Fprintln(w)
	}
	if playErr != nil {
		return fmt.Errorf("the message was not sent whole: %w", playErr)
	}
	return nil
}

// endWords says how the connection ended, and whether the client had half-closed before.
func endWords(a delivery.Answer, all []timeline.Event) string {
	words := "still open"
	switch a.Ending {
	case delivery.FIN:
		words = "closed by FIN"
	case delivery.RST:
		words = "closed by RST"
	}
	for _, v := range all {
		if v.Kind == timeline.KindFIN {
			return fmt.Sprintf("%s, the client half-closed at %.3f ms", words, float64(v.At.Microseconds())/1000)
		}
	}
	return words
}
