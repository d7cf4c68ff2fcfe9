package selftest

import (
	_ "embed"
	"slices"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Exchanged stands for an exchange file, among the dialects of subjects: what is judged by rules for these alone is shown by it. The server
// speaks [Spoken].
const (
	Exchanged = "exchange"
	Spoken    = "echo"
)

//go:embed echo.yaml
var exchanges []byte

// file is the exchange file by which subjects are judged that are [Exchanged].
func file() (*exchange.File, error) { return exchange.Parse("echo.yaml", exchanges) }

// Dialects are those of subjects, in the order of the matrix.
func Dialects() []string { return append(dialect.Names(), service.Name, Exchanged) }

// Serves is the dialect that the subject's server speaks.
func (s Subject) Serves() string {
	if s.Dialect == Exchanged {
		return Spoken
	}
	return s.Dialect
}

// judged is the dialect by which the subject is judged; nil where there is none of its name.
func (s Subject) judged() dialect.Dialect {
	if s.Dialect == Exchanged {
		f, err := file()
		if err != nil {
			return nil
		}
		return exchange.New(f, f.Protocol)
	}
	if s.Dialect == service.Name {
		d, err := service.NewDialect(web)
		if err != nil {
			return nil
		}
		return d
	}
	if i := slices.Index(dialect.Names(), s.Dialect); i < 0 {
		return nil
	}
	d, _ := dialect.Lookup(s.Dialect)
	return d
}

// web is what is told of subjects that speak HTTP/1.1: what takes a body and repeats it, and what repeats what it understood.
var web = service.Options{PostPath: "/echo", EchoPath: "/inspect"}
