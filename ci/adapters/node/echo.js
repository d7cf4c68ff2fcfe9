#!/usr/bin/env node
// An echo server (RFC 862) on Node's net: echo.js PORT
'use strict';
const net = require('node:net');

const port = Number(process.argv[2]);
const sockets = new Set();

// allowHalfOpen: a client that has ended its side still gets its answer. pipe ends ours
// when everything was read and written, and stops reading while the client does not.
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', (err) => console.error(`echo.js: ${err.message}`)); // without a listener it would end the process
  socket.pipe(socket);
});

server.on('error', (err) => {
  console.error(`echo.js: ${err.message}`);
  process.exit(1);
});

// Answers in progress go on after SIGTERM; a connection on which nothing moves is closed.
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  for (const socket of sockets) socket.setTimeout(200, () => socket.destroySoon());
  setTimeout(() => process.exit(0), 2500).unref();
});

server.listen(port, '127.0.0.1');
