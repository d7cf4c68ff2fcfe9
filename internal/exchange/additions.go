package exchange

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/exchange/outline"
)

// Additions are what is added to a file as it was read, in the words of the command line.
type Additions struct {
	Masks  []string // NAME=PATTERN
	Limits []string // clients=N, idle=30s or polite=true
}

// Empty reports whether nothing is added.
func (a Additions) Empty() bool { return len(a.Masks)+len(a.Limits) == 0 }

// To adds them to a file. The error says which of them cannot be meant, and why.
func (a Additions) To(f *File) error {
	for _, text := range a.Masks {
		name, expr, ok := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || expr == "" {
			return fmt.Errorf("--mask wants NAME=PATTERN, such as 'request id=id=[0-9a-f]+', not %q", outline.Clipped(text))
		}
		m, err := observed.NewMask(name, expr)
		if err != nil {
			return fmt.Errorf("--mask %s: %w", name, err)
		}
		f.Masks = append(f.Masks, m)
	}
	for _, text := range a.Limits {
		if err := f.limit(text); err != nil {
			return err
		}
	}
	return nil
}

// limit sets a limit of the file.
func (f *File) limit(text string) error {
	key, value, _ := strings.Cut(text, "=")
	switch key {
	case "clients":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > mostClients {
			return fmt.Errorf("--limit clients wants a number from 1 to %d, not %q", mostClients, outline.Clipped(value))
		}
		f.Limits.Clients = n
	case "idle":
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 || d > time.Hour {
			return fmt.Errorf("--limit idle wants a time such as 30s or 500ms, an hour at most, not %q", outline.Clipped(value))
		}
		f.Limits.Idle = d
	case "polite":
		if value != "true" && value != "false" {
			return fmt.Errorf("--limit polite wants true or false, not %q", outline.Clipped(value))
		}
		f.Limits.Polite = value == "true"
	default:
		return fmt.Errorf("--limit wants clients=N, idle=30s or polite=true, not %q", outline.Clipped(text))
	}
	return nil
}

// mostClients bounds how many clients a limit may be of.
const mostClients = 1_000_000
