// Package fuzz plays random plans against a live server and compares what comes with the dialect's model, or, of an exchange
// file, with the server's own answer to the whole message. A plan is drawn from a seed ([Draw]); the same seed draws the same
// plans on every machine. What fails is repeated, made as small as it still fails ([Shrink]), told apart from what is known,
// and reported once ([Run]).
package fuzzer
