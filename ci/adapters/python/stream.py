#!/usr/bin/env python3
"""Python's socketserver.StreamRequestHandler, for streamspec to judge: stream.py script|line PORT"""
import contextlib, signal, socket, socketserver, sys, threading, time

class Line(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.content = bytearray()  # written and not yet sent

    def readline(self, limit=65536):
        return self.rfile.readline(limit).strip().decode()  # stripped as bytes: of ASCII white space alone

    def send(self):
        self.wfile.write(self.content)
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
        if at_end:
            self.send()

    def netstring(self, text):
        self.content += b"%d:%b," % (len(text.encode()), text.encode())
