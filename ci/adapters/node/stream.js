#!/usr/bin/env node
// Node's net, for streamspec to judge: stream.js script|line PORT
'use strict';
const net = require('node:net');

// A reader over a socket's chunks: what one read leaves, the next one finds.
class Reader {
  constructor(socket) { this.chunks = socket.iterator({ destroyOnReturn: false }); this.buffer = Buffer.alloc(0); }
  async fill() {
    const { done, value } = await this.chunks.next();
    if (!done) this.buffer = Buffer.concat([this.buffer, value]);
    return !done;
  }
  take(n) { const b = this.buffer.subarray(0, n); this.buffer = this.buffer.subarray(b.length); return b; }
  async read(n) {
    for (const parts = [this.take(n)], size = () => parts.reduce((s, p) => s + p.length, 0); ; parts.push(this.take(n - size())))
      if (size() >= n || !(await this.fill())) return text(Buffer.concat(parts));
  }
  async readLine(limit = 65536) {
    let end, from = 0;
    while ((end = this.buffer.indexOf(10, from)) < 0 && this.buffer.length < limit) { from = this.buffer.length; if (!(await this.fill())) break; }
    const line = this.take(Math.min(end < 0 ? limit : end + 1, limit));
    let a = 0, z = line.length;
    while (a < z && space(line[a])) a++;
    while (z > a && space(line[z - 1])) z--;
    return text(line.subarray(a, z)); // stripped as bytes: trim knows Unicode
  }
}
const space = (b) => b === 32 || (b >= 9 && b <= 13);
const text = (b) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(b); // toString makes U+FFFD of what is no UTF-8
const netstring = (t) => `${Buffer.byteLength(t)}:${t},`;
function number(t) {
  if (!/^[0-9]{1,8}$/.test(t) || Number(t) > 16777216) throw new Error('no number of bytes');
  return Number(t);
}

async function serve(socket, script) {
  const reader = new Reader(socket);
  let content = [], atEnd = false;
  const send = async () => {
    const all = Buffer.concat(content);
    content = [];
    if (!socket.write(all)) await new Promise((resolve) => { socket.once('drain', resolve); socket.once('close', resolve); });
  };
  for (let command; (command = await reader.readLine()) !== ''; ) {
    const [, word, arg] = script ? /^([^ ]*)(?: (.*))?$/s.exec(command) : [];
    if (!script) { content.push(Buffer.from(command + '\n')); await send(); }
    else if (word === 'READ' && arg !== undefined) content.push(Buffer.from(netstring(await reader.read(number(arg)))));
    else if (word === 'READLINE') content.push(Buffer.from(netstring(await reader.readLine(number(arg ?? '65536')))));
    else if (word === 'WRITE') content.push(Buffer.from(arg ?? ''));
    else if (word === 'BYTES' && /^([0-9a-f]{2})*$/i.test(arg ?? '')) content.push(Buffer.from(arg ?? '', 'hex'));
    else if (command === 'SEND') await send();
    else if (command === 'ATEND') atEnd = true;
    else if (command === 'CLOSE') return;
    else throw new Error('unknown command');
  }
  if (atEnd) await send();
}

const [dialect, port] = process.argv.slice(2);
const server = net.createServer({ allowHalfOpen: true }, async (socket) => {
  socket.on('error', (err) => console.error(err.message)); // without a listener it would end the process
  try { await serve(socket, dialect === 'script'); } catch (err) { console.error(err.message); }
  socket.end();
  socket.resume(); // reads on for a while: closing over unread input resets the last answer
  socket.setTimeout(1000, () => socket.destroy());
});
server.on('error', (err) => { console.error(err.message); process.exit(1); });
process.once('SIGTERM', () => { server.close(); setTimeout(() => process.exit(0), 2000); });
server.listen(Number(port), '127.0.0.1', 1024);
