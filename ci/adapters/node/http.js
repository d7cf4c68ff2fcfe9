#!/usr/bin/env node
// An HTTP/1.1 server for ci/servers: http.js PORT|SOCKET
//
// Answers GET and HEAD of / with a page, POST to /echo with the body that came, and /inspect with what it understood of the request.
// Behind a front end it listens at a socket of the file system, and leaves when the process that started it does.
'use strict';
const http = require('node:http');

const server = http.createServer((request, response) => {
  const path = request.url.split('?')[0];
  const say = (status, body, fields) => {
    response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body), ...fields });
    response.end(body);
  };
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    if (path === '/echo' && request.method === 'POST') say(200, Buffer.concat(parts));
    else if (path === '/inspect') say(200, Buffer.from(`target: ${request.url}\nx-probe: ${request.headers['x-probe'] ?? ''}\n`, 'latin1'));
    else if (path === '/echo') say(405, 'POST alone\n', { Allow: 'POST' });
    else if (path !== '/') say(404, 'nothing\n');
    else if (request.method !== 'GET' && request.method !== 'HEAD') say(405, 'GET alone\n', { Allow: 'GET, HEAD' });
    else say(200, 'hello\n');
  });
});
server.keepAliveTimeout = 30000;
server.on('error', (err) => { console.error(err.message); process.exit(1); });
process.on('SIGTERM', () => process.exit(0));
const where = process.argv[2];
if (/^\d+$/.test(where)) {
  server.listen(Number(where), '127.0.0.1', 1024);
} else {
  const parent = process.ppid;
  setInterval(() => { if (process.ppid !== parent) process.exit(0); }, 200);
  server.listen(where);
}
