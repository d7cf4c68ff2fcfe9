//go:build race

package http1_test

// underRace says that the race detector is at work, under which pools drop what they are given, by chance.
const underRace = true
