#!/usr/bin/env node
// A line server on Node's own readline, for streamspec to show what that does: own.js PORT
'use strict';
const net = require('node:net');
const readline = require('node:readline');

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  // By default a pause of 100 ms inside of CR LF makes two line ends of it, which on a busy machine is chance.
  const lines = readline.createInterface({ input: socket, crlfDelay: Infinity });
  let done = false; // lines that came with the last one are still told of
  lines.on('line', (line) => {
    const text = line.trim();
    if (done) return;
    if (text === '') { done = true; lines.close(); }
    else socket.write(text + '\n');
  });
  lines.on('close', () => socket.end());
});
server.listen(Number(process.argv[2]), '127.0.0.1', 1024);
