#!/usr/bin/env python3
"""A known-bad control: tutorial.py PORT

The server of a tutorial that many have copied (dialect greet), written anew with its mistakes:

- one recv is taken for the whole message, though a stream has no messages: what comes in a second
  segment is never read, and closing over it resets the connection;
- send may take less than it is given, and what it leaves is lost;
- one client is served at a time, so that one who says nothing keeps all others waiting;
- an error of one connection (a client's reset) is caught nowhere, and ends the server;
- five connections fit into the queue, and without SO_REUSEADDR a restart fails for a minute.
"""
import socket
import sys


def server(port):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen(5)
    while True:
        c, addr = s.accept()
        print("Connect client:", addr)
        cmsg = c.recv(1024)
        msg = b"I am the server,I have got it:\n" + cmsg
        c.send(msg)
        c.close()


if __name__ == "__main__":
    server(int(sys.argv[1]))
