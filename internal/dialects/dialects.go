// Package dialects knows all dialects by their names: those of package dialect, and those that are learned of a server.
package dialects

import (
	"slices"
	"sync"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Exchange is the name that stands for every exchange file.
const Exchange = "exchange"

// All returns every dialect, of which nothing was learned: those of package dialect, http1, and one for all exchange files.
func All() []dialect.Dialect { return slices.Clone(all()) }

var all = sync.OnceValue(func() (all []dialect.Dialect) {
	for _, d := range dialect.All() {
		all = append(all, d)
	}
	http1, err := service.NewDialect(service.Options{})
	if err != nil {
		panic(err) // no option is given
	}
	return append(all, http1, exchange.New(nil, Exchange))
})

// Lookup returns that of a name among [All]; ok is false where none has it.
func Lookup(name string) (d dialect.Dialect, ok bool) {
	for _, d := range all() {
		if d.Name() == name {
			return d, true
		}
	}
	return nil, false
}

// Names are those of [All].
func Names() (names []string) {
	for _, d := range all() {
		names = append(names, d.Name())
	}
	return names
}
