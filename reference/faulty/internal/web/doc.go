// Package web has servers of HTTP/1.1 with one planted fault at a time, right ones that look odd, and ones that give everybody the
// same. All of them are one small server, which package server has, with a seam at each stage of a request: its line, its fields, the
// length of its body, its chunks, the connection, the answer. A fault is a change of one seam.
package web
