"""What the SDK says to the person at the console; the program's logging stays as it is."""

from __future__ import annotations

import contextlib
import logging
import sys

_NAME = "foundations"


class _Handler(logging.Handler):
    """Writes to whatever `sys.stdout` is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        # A closed or reentered stream must not harm the program that logs a metric.
        with contextlib.suppress(OSError, ValueError, RuntimeError, AttributeError):
            # One write, so that lines of other threads do not come between.
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()


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


def _logger() -> logging.Logger:
    logger = logging.getLogger(_NAME)
    if not any(isinstance(handler, _Handler) for handler in logger.handlers):
        handler = _Handler()
        handler.setFormatter(logging.Formatter("Foundations %(levelname)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
    return logger
