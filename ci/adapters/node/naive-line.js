#!/usr/bin/env node
// A known-bad control: naive-line.js PORT
//
// A line server as the examples in documentation write it. A data event is taken for a message,
// though it is whatever the last read brought: half a line, three lines, a character cut in two.
// On a quiet machine every line that is typed by hand arrives in one read, and it seems to work.
'use strict';
const net = require('node:net');

const server = net.createServer((socket) => {
  socket.on('data', (data) => {
    const line = data.toString().trim();
    if (line === '') return socket.end();
    socket.write(line + '\n');
  });
  socket.on('error', (err) => console.error(err.message));
});

server.listen(Number(process.argv[2]), '127.0.0.1');
