"""The way of confined jobs to the server: a Unix socket of the worker's, passed on.

The server's own socket is for its user alone, is another file after each restart, and may be
on another machine. This one is in a folder that containers mount, whatever their network.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

from foundations_wire import unix_sockets

_CHUNK_BYTES = 1 << 16
_CONNECT_S = 10.0
_SEND_S = 60.0


class Door:
    """Listens in threads of its own as long as the process lives, one for each connection."""

    def __init__(self, path: Path, server: str) -> None:
        """Take the socket's path and the server's address; nothing listens before `open`."""
        self._path = path
        self._server = server

    def open(self) -> None:
        """Return once the socket is there for everybody who gets its folder.

        Raises:
            OSError: it cannot be made.
        """
        self._path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._path.parent.chmod(0o711)
        self._path.unlink(missing_ok=True)
        with unix_sockets.within_reach(self._path) as name:
            listening = _Listening(name, socketserver.BaseRequestHandler)
        self._path.chmod(0o666)
        listening.server = self._server
        threading.Thread(target=listening.serve_forever, name="door", daemon=True).start()


class _Listening(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 1024
    server = ""

    def finish_request(
        self, request: socket.socket | tuple[bytes, socket.socket], _: object
    ) -> None:
        if isinstance(request, socket.socket):
            # A server that is away: the job's connection ends, and it asks again.
            with contextlib.suppress(OSError), connect(self.server) as outside:
                pass_on(request, outside)


def connect(server: str) -> socket.socket:
    """Return a connection to the server at an address as the client knows them."""
    if (path := unix_sockets.find_path(server)) is not None:
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with unix_sockets.within_reach(path) as name:
                local.connect(name)
        except OSError:
            local.close()
            raise
        return local
    parts = urlsplit(server)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    plain = socket.create_connection((host, port), _CONNECT_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not is_secure:
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Copy both ways until one side ends: HTTP leaves no half of a connection open."""
    ways = {one.fileno(): (one, other), other.fileno(): (other, one)}
    with selectors.DefaultSelector() as selector:
        for number, (side, _) in ways.items():
            side.settimeout(_SEND_S)
            selector.register(number, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if not _copy(*ways[key.fd]):
                    return


def _copy(source: socket.socket, sink: socket.socket) -> bool:
    """Copy what is there now; return whether more may come."""
    while True:
        piece = source.recv(_CHUNK_BYTES)
        sink.sendall(piece)
        # What TLS has decrypted already wakes no selector.
        if not piece or not isinstance(source, ssl.SSLSocket) or not source.pending():
            return bool(piece)
