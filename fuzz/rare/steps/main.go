// Command steps serves [rare.Steps] on the address that is its argument.
package main

import "github.com/streamspec/streamspec/fuzz/rare"

func main() { rare.Main(rare.Steps) }
