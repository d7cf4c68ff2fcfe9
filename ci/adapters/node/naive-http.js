// An HTTP server as many examples write it, with the mistake that this project is about: whatever one data event brings is a request.
const { createServer } = require('node:net');

createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    const [method, path] = data.toString().split(' ');
    const found = path === '/';
    const text = found ? 'hello\n' : 'not found\n';
    const body = method === 'HEAD' ? '' : text;
    socket.write(`HTTP/1.1 ${found ? '200 OK' : '404 Not Found'}\r\nContent-Length: ${text.length}\r\n\r\n${body}`);
  });
}).listen(process.argv[2], '127.0.0.1');
