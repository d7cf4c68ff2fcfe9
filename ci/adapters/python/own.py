"""A line server on Python's own text reader, for streamspec to show what that does: own.py PORT"""
import socket, socketserver, sys


class Line(socketserver.BaseRequestHandler):
    def handle(self):
        with self.request.makefile("rw", encoding="utf-8") as stream:
            for line in stream:
                text = line.strip()
                if not text:
                    break
                stream.write(text + "\n")
                stream.flush()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 1024


with Server(("127.0.0.1", int(sys.argv[1])), Line) as server:
    server.serve_forever()
