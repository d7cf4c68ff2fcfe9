package rules

import (
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Exchange is the name that stands for every exchange file.
const Exchange = "exchange"

// Dialects returns the dialects that cases can be shown in, of which nothing was learned: those of package dialect, http1, and one for all
// exchange files.
func Dialects() (all []dialect.Dialect) {
	for _, d := range dialect.All() {
		all = append(all, d)
	}
	http1, err := service.NewDialect(service.Options{})
	if err != nil {
		panic(err) // no option is given
	}
	return append(all, http1, exchange.New(nil, Exchange))
}

// Dialect returns that of a name among [Dialects]; ok is false where none has it.
func Dialect(name string) (d dialect.Dialect, ok bool) {
	for _, d := range Dialects() {
		if d.Name() == name {
			return d, true
		}
	}
	return nil, false
}

// DialectNames are the names of [Dialects].
func DialectNames() (names []string) {
	for _, d := range Dialects() {
		names = append(names, d.Name())
	}
	return names
}
