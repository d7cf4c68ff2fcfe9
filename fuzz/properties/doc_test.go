// Package properties holds what is true of the reference server for every input,
// order and time, drawn and shrunk by rapid: single operations, all operations of
// one handler in any order, sessions whose client waits for nothing or for
// everything, several clients at once, and limits of time under a clock of the
// test's own. What is right is said by internal/oracle, and the models by which the
// suite judges are held against it too.
package properties
