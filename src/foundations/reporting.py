"""What the SDK says to the person at the console; the program's logging stays as it is.

Most jobs have nothing to say, so `messages` and the logging below it are loaded when needed.
"""

from __future__ import annotations

from typing import Any

from foundations.loading import load


def warn(sentence: str) -> None:
    """Print `Foundations WARNING: <sentence>` on stdout."""
    _logger().warning("%s", sentence)


def say(sentence: str) -> None:
    """Print `Foundations INFO: <sentence>` on stdout."""
    _logger().info("%s", sentence)


def trace(sentence: str) -> None:
    """Log a sentence and the present exception's traceback for those who turn DEBUG on."""
    _logger().debug("%s", sentence, exc_info=True)


def set_level(level: str) -> None:
    """Show messages of this level and above; the program's own logging is not touched."""
    _logger().setLevel(level)


def _logger() -> Any:
    return load("foundations.messages").find_logger()
