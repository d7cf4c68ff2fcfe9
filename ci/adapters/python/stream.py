"""Python's socketserver.StreamRequestHandler, for streamspec to judge: stream.py script|line PORT"""
import contextlib, signal, socket, socketserver, sys, threading, time

class Line(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.content = bytearray()  # written and not yet sent

    def readline(self, limit=65536):
        return self.rfile.readline(limit).strip().decode()  # stripped as bytes: of ASCII white space alone

    def send(self):
        self.wfile.write(self.content)  # all of it: wfile is unbuffered and calls sendall
        self.content.clear()

    def handle(self):
        while text := self.readline():
            self.content += text.encode() + b"\n"
            self.send()

class Script(Line):
    def handle(self):
        at_end = False
        while command := self.readline():
            match command.partition(" "):
                case "READ", _, n: self.netstring(self.rfile.read(number(n)).decode())
                case "READLINE", _, limit: self.netstring(self.readline(number(limit or "65536")))
                case "WRITE", _, text: self.content += text.encode()
                case "BYTES", _, digits: self.content += bytes.fromhex(digits)
                case "SEND", "", _: self.send()
                case "ATEND", "", _: at_end = True
                case "CLOSE", "", _: return
                case _: raise ValueError(f"unknown command: {command:.40}")
        if at_end: self.send()

    def netstring(self, text):
        self.content += b"%d:%b," % (len(text.encode()), text.encode())

def number(text):
    if not (text.isascii() and text.isdigit()) or int(text) > 16777216:
        raise ValueError(f"no number of bytes: {text:.40}")
    return int(text)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, request_queue_size, daemon_threads = True, 1024, True
    def shutdown_request(self, request):  # reads on for a while: closing over unread input resets the last answer
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            request.settimeout(1)
            until = time.monotonic() + 5
            while request.recv(65536) and time.monotonic() < until: pass
        self.close_request(request)
    def handle_error(self, request, client_address): print(client_address, repr(sys.exc_info()[1]), file=sys.stderr)

try: server = Server(("127.0.0.1", int(sys.argv[2])), {"line": Line, "script": Script}[sys.argv[1]])
except OSError as error: sys.exit(f"cannot listen on port {sys.argv[2]}: {error.strerror}")
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
with server: server.serve_forever(poll_interval=0.1)
until = time.monotonic() + 2  # for the answers in progress
while threading.active_count() > 1 and time.monotonic() < until: time.sleep(0.01)
