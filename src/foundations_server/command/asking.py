"""The few questions that the command asks its server, over plain HTTP."""

from __future__ import annotations

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

from foundations_wire import codec
from foundations_wire.errors import InvalidRequest

_TIMEOUT_S = 5.0


def ask(address: str, path: str) -> Any:
    """Return the JSON that the server answers, or None when it does not answer it."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=_TIMEOUT_S
    )  # directly: a proxy for the web knows no loopback address of ours
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        return codec.decode(body) if response.status == 200 else None
    except (OSError, http.client.HTTPException, InvalidRequest):
        return None
    finally:
        connection.close()


def ask_health(address: str) -> str | None:
    """Return the version of the Atlas server at an address, or None when there is none."""
    answer = ask(address, "/healthz")
    return str(answer.get("version")) if isinstance(answer, dict) else None


def count_jobs(address: str) -> tuple[int, int] | None:
    """Return how many jobs run and how many wait."""
    queue = ask(address, "/api/v1/queue")
    return (len(queue["running"]), len(queue["waiting"])) if queue else None


def list_workers(address: str) -> list[dict[str, Any]]:
    answer = ask(address, "/api/v1/workers")
    return list(answer["items"]) if answer else []


def make_address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_port_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family, kind, protocol, _, place = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError:
            return False
    return True
