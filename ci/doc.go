// Package ci holds what continuous integration runs: the matrix of the selftest, and
// below it real servers and adapters in other languages, with what the suite must say of each.
package ci
