"""A network namespace whose loopback loses packets when told to; needs root and iptables."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from support.programs import require_program


@dataclass(frozen=True)
class Namespace:
    """`prefix` before a command runs it inside."""

    name: str

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def run(self, *command: str) -> None:
        subprocess.run([*self.prefix, *command], check=True, capture_output=True, timeout=30)

    def lose(self, direction: str, port: int, *, share: float = 1.0) -> None:
        """Lose packets to (`--dport`) or from (`--sport`) a port; `share` of them by chance."""
        chance = ["-m", "statistic", "--mode", "random", "--probability", f"{share}"]
        rule = ["-p", "tcp", direction, str(port), *(chance if share < 1 else []), "-j", "DROP"]
        self.run("iptables", "-A", "INPUT", *rule)

    def heal(self) -> None:
        self.run("iptables", "-F", "INPUT")


@contextmanager
def lent_namespace() -> Iterator[Namespace]:
    """Lend a namespace; skip the test where none can be made, fail in CI without the programs."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for a network namespace")
    for program in ("ip", "iptables"):
        require_program(program)
    namespace = Namespace(f"atlas-{os.getpid()}-{os.urandom(3).hex()}")
    if not _is_done("ip", "netns", "add", namespace.name):
        pytest.skip("this machine does not let us make a network namespace")
    try:
        if not _is_done(*namespace.prefix, "ip", "link", "set", "lo", "up"):
            pytest.skip("this machine does not let us enter a network namespace")
        yield namespace
    finally:
        subprocess.run(["ip", "netns", "del", namespace.name], check=True, timeout=30)


def _is_done(*command: str) -> bool:
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    return done.returncode == 0
