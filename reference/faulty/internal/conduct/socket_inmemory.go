package conduct

// told is a connection that has no descriptor, and tells itself what a kernel is asked by one: those in memory, of tests. Without it a fault
// that looks at its socket would not show there, and its server pass for a right one.
type told interface {
	HungUp() bool
	Next() (bytes int, err error)
	Unsent() int
}
