"""The logger of the SDK's own messages."""

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


def find_logger() -> logging.Logger:
    """Return the logger, made ready with the first call."""
    logger = logging.getLogger(_NAME)
    if not any(isinstance(handler, _Handler) for handler in logger.handlers):
        handler = _Handler()
        handler.setFormatter(logging.Formatter("Foundations %(levelname)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
    return logger
