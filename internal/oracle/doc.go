// Package oracle is the contract's model for the tests: what the operations of its
// section 1 return and what the dialects of its section 3 answer, each a small
// function that is slow and easy to hold against the contract's words. It shares
// nothing with what is tested, neither the reference's code nor the models of
// package dialect, which are held against it: of the reference it knows the errors
// by name.
//
// An operation works on an [Input], all that the client has sent so far. It takes
// its part of that at once, or says that more must come; so one model tells both
// what a whole input gets, and what is due before the next segment.
package oracle
