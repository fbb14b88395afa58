from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"


@dataclass(frozen=True)
class Settings:
    """Everything the server is told. Names and origins add to what loopback allows."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 5555
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    static: Path = STATIC
    log_limit: int = 256 << 20  # how many bytes of what each job prints are kept
    max_schedules: int | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def database(self) -> Path:
        return self.data / "atlas.db"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def socket(self) -> Path:
        return self.run / "server.sock"


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
