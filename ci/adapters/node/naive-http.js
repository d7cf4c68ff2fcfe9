#!/usr/bin/env node
// A known-bad control: naive-http.js PORT
//
// An HTTP server as many examples write it. A data event is taken for a request, though it is whatever the last read brought.
'use strict';
const net = require('node:net');

const server = net.createServer((socket) => {
  socket.on('data', (data) => {
    const [method, path] = data.toString().split(' ');
    const found = path === '/';
    const text = found ? 'hello\n' : 'not found\n';
    const body = method === 'HEAD' ? '' : text;
    socket.write(`HTTP/1.1 ${found ? '200 OK' : '404 Not Found'}\r\nContent-Length: ${text.length}\r\n\r\n${body}`);
  });
  socket.on('error', (err) => console.error(err.message));
});

server.listen(Number(process.argv[2]), '127.0.0.1');
