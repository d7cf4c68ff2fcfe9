// Package ci holds what continuous integration runs: servers that nobody here
// wrote and adapters in other languages, with what the suite must say of each.
package ci
