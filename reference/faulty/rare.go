package faulty

// The faults that show by chance.
var rareFaults = []Fault{}
