// Command typecheck checks that this module and its tests compile for other systems: it checks their types from source, which takes a
// tenth of what compiling takes, since nothing that they import is compiled for a system that nobody runs here.
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	failed := false
	for _, system := range os.Args[1:] {
		all, err := packages.Load(&packages.Config{
			Mode:  packages.LoadAllSyntax,
			Tests: true,
			Env:   append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
		}, "./...")
		if err != nil {
			fmt.Fprintf(os.Stderr, "typecheck: the packages cannot be listed for %s: %v\n", system, err)
			os.Exit(2)
		}
		if packages.PrintErrors(all) > 0 {
			fmt.Fprintf(os.Stderr, "typecheck: that is what GOOS=%s go vet ./... would say too\n", system)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
