// Command cuts serves [rare.Cuts] on the address that is its argument.
package main

import "github.com/streamspec/streamspec/fuzz/rare"

func main() { rare.Main(rare.Cuts) }
