"""A TCP proxy in this process that does to a connection what bad networks do."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 1 << 16
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


@dataclass(frozen=True)
class Fault:
    """What goes wrong; the default is nothing.

    `is_silent`: takes connections and requests, delivers nothing and never answers.
    `swallows`: delivers the request, drops what comes back and closes the connection.
    `delay_s`: before each answer. `bytes_per_s`: how fast answers trickle.
    `cut_after`: bytes of answers after which a connection is closed.
    `resets`: RST as soon as a request comes. `only`: what a request has to hold for
    `is_silent` and `resets` to mean it.
    """

    is_silent: bool = False
    swallows: bool = False
    resets: bool = False
    delay_s: float = 0.0
    bytes_per_s: float | None = None
    cut_after: int | None = None
    only: bytes = b""


HEALTHY = Fault()


@dataclass
class Proxy:
    """Carries connections to a port of 127.0.0.1; `fault` may change at any time.

    **Thread safety**: the test's thread changes the fault, other threads carry bytes.
    """

    target: int
    fault: Fault = HEALTHY
    struck: int = 0  # answers and requests that a fault hit
    _listener: socket.socket = field(default_factory=socket.socket)
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_ended: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def heal(self) -> None:
        """Carry everything from now on; connections that hang are closed."""
        self.fault = HEALTHY
        self.cut()

    def cut(self) -> None:
        """Close every connection there is."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._is_ended = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._is_ended:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            line = _Line(self, client)
            threading.Thread(target=line.carry_requests, name="proxy", daemon=True).start()

    def add(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def drop(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()


class _Line:
    """One connection of a client and its other half, to the server."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._has_asked = threading.Event()
        self._answered = 0
        proxy.add(client)

    def carry_requests(self) -> None:
        """Carry what the client says until one side closes."""
        try:
            while piece := self._client.recv(_PIECE):
                fault = self._proxy.fault
                if fault.resets and fault.only in piece:
                    self._proxy.struck += 1
                    self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    return
                if fault.is_silent and fault.only in piece:
                    self._proxy.struck += 1
                    continue
                self._has_asked.set()
                self._reach_server().sendall(piece)
        except OSError:
            pass  # a closed connection is what this is about
        finally:
            if self._server is not None:
                with suppress(OSError):
                    self._server.shutdown(socket.SHUT_RDWR)
            self._proxy.drop(self._client)

    def _reach_server(self) -> socket.socket:
        if self._server is None:
            self._server = socket.create_connection(("127.0.0.1", self._proxy.target))
            self._server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._proxy.add(self._server)
            answers = threading.Thread(
                target=self._carry_answers, args=(self._server,), name="proxy", daemon=True
            )
            answers.start()
        return self._server

    def _carry_answers(self, server: socket.socket) -> None:
        try:
            while piece := server.recv(_PIECE):
                if not self._answer(piece):
                    break
        except OSError:
            pass
        finally:
            with suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)
            self._proxy.drop(server)

    def _answer(self, piece: bytes) -> bool:
        """Give the client a piece of an answer; return whether the connection goes on."""
        fault = self._proxy.fault
        if fault != HEALTHY:
            self._proxy.struck += 1
        if fault.swallows:
            return False
        if fault.delay_s and self._has_asked.is_set():
            time.sleep(fault.delay_s)
        self._has_asked.clear()
        if fault.cut_after is not None:
            piece = piece[: max(fault.cut_after - self._answered, 0)]
        self._answered += len(piece)
        if fault.bytes_per_s is None:
            self._client.sendall(piece)
        else:
            self._trickle(piece, fault.bytes_per_s)
        return fault.cut_after is None or self._answered < fault.cut_after

    def _trickle(self, piece: bytes, bytes_per_s: float) -> None:
        for number in range(len(piece)):
            self._client.sendall(piece[number : number + 1])
            if self._proxy.fault.bytes_per_s is not None:  # healed: the rest at once
                time.sleep(1 / bytes_per_s)


@contextmanager
def running_proxy(target: int) -> Iterator[Proxy]:
    """Lend a healthy proxy before a port."""
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
