"""A server that answers after five seconds: every request reaches the real one that late."""

from __future__ import annotations

import queue
import socket
import threading
import time
from contextlib import suppress

from benchmarks.programs.acting import act, tell, wait_for_line

Chunks = queue.SimpleQueue[tuple[float, bytes]]


def serve(port: int, delay_s: float) -> None:
    """Pass bytes to the port of this machine, `delay_s` after they came."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=accept, args=(listener, port, delay_s), daemon=True).start()
    tell({"port": listener.getsockname()[1]})
    wait_for_line()


def accept(listener: socket.socket, port: int, delay_s: float) -> None:
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        chunks: Chunks = queue.SimpleQueue()
        for target, arguments in (
            (receive, (client, chunks, delay_s)),
            (deliver, (chunks, server)),
            (answer, (server, client)),
        ):
            threading.Thread(target=target, args=arguments, daemon=True).start()


def receive(client: socket.socket, chunks: Chunks, delay_s: float) -> None:
    with suppress(OSError):
        while chunk := client.recv(1 << 20):
            chunks.put((time.monotonic() + delay_s, chunk))
    chunks.put((time.monotonic() + delay_s, b""))


def deliver(chunks: Chunks, server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            due, chunk = chunks.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not chunk:
                server.shutdown(socket.SHUT_WR)
                return
            server.sendall(chunk)


def answer(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while chunk := server.recv(1 << 20):
            client.sendall(chunk)
        client.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    act({"serve": serve})
