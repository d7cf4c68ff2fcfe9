package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/judge"
)

// recordFlags are the flags of record.
type recordFlags struct {
	eol, out, protocol, leave string
	timeout                   time.Duration
}

// The bounds of what record reads.
const (
	mostMessages = 200
	mostTyped    = 64 << 10 // bytes of a message
)

func newRecord() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "record ADDR < MESSAGES",
		Short: "Make an exchange file of what a server answers",
		Long: `record sends messages to a server, one a line of its input, and writes an
exchange file of what was answered. Each message is sent whole, several times: what
varies (a date, a counter, an id) becomes a pattern. A line may have the escapes
\r \n \t \0 \\ and \xHH, and {{conn}} for a name of the connection's own.`,
		Example: `  printf 'PING\nECHO {{conn}}\n' | streamspec record 6379 --out redis.yaml
  streamspec record 7000 --eol lf --leave quit
  streamspec run 6379 --dialect redis.yaml`,
		Args: exactly(1, "an address"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.record(cmd, args[0]) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.eol, "eol", "crlf", "what is put behind each message: crlf, lf or none")
	fs.StringVar(&f.out, "out", "-", "write the exchange file here (- is stdout)")
	fs.StringVar(&f.protocol, "protocol", "", "the name of the protocol (the address, where it is left out)")
	fs.StringVar(&f.leave, "leave", "", "the message by which a client leaves, such as QUIT")
	timeoutFlag(fs, &f.timeout, "how long to wait for an answer")
	return cmd
}

func (f *recordFlags) record(cmd *cobra.Command, addr string) error {
	ends := map[string]string{"crlf": "\r\n", "lf": "\n", "none": ""}
	end, ok := ends[f.eol]
	if !ok {
		return usageError("--eol is crlf, lf or none, not %q", f.eol)
	}
	file := &exchange.File{Protocol: f.protocol}
	if file.Protocol == "" {
		file.Protocol = addr
	}
	if f.leave != "" {
		m, err := exchange.NewMessage(f.leave, end)
		if err != nil {
			return usageError("--leave: %v", err)
		}
		file.Leave = &m.Step
	}
	var err error
	if file.Messages, err = typed(cmd, end); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if f.out != "-" {
		opened, err := os.OpenFile(f.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return usageError("the exchange file cannot be written: %v", err)
		}
		defer opened.Close()
		out = opened
	}
	learned, err := judge.Record(cmd.Context(), judge.Config{Addr: addr, Dialect: "record", Exchange: file, Timeout: f.timeout})
	if err == nil {
		err = learned.Write(out)
	}
	if err != nil {
		if f.out != "-" {
			_ = os.Remove(f.out) // there is nothing in it
		}
		return err
	}
	for _, err := range learned.Unusable() {
		fmt.Fprintf(cmd.ErrOrStderr(), "streamspec: the exchange %s\n", message(err))
	}
	return nil
}

// typed reads the messages, one a line.
func typed(cmd *cobra.Command, end string) ([]exchange.Message, error) {
	in := cmd.InOrStdin()
	if isTerminalInput(in) {
		fmt.Fprintln(cmd.ErrOrStderr(), "type one message a line, and end with Ctrl-D:")
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, mostTyped)
	var all []exchange.Message
	names := map[string]int{}
	for lines.Scan() {
		if lines.Text() == "" {
			continue
		}
		m, err := exchange.NewMessage(lines.Text(), end)
		if err != nil {
			return nil, usageError("message %d: %v", len(all)+1, err)
		}
		if names[m.Name]++; names[m.Name] > 1 {
			m.Name = fmt.Sprintf("%s (%d)", m.Name, names[m.Name])
		}
		if all = append(all, m); len(all) > mostMessages {
			return nil, usageError("there are more than %d messages", mostMessages)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, usageError("the messages cannot be read: %v (a line has at most %d bytes)", err, mostTyped)
	}
	if len(all) == 0 {
		return nil, usageError("there are no messages: give one a line on the standard input")
	}
	return all, nil
}

func isTerminalInput(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && isTerminal(f)
}
