"""Gives the disk of a file's beginning back while the file is still written."""

from __future__ import annotations

import ctypes
import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

_KEEP_SIZE, _PUNCH_HOLE = 1, 2  # linux/falloc.h
_BLOCK_BYTES = 4096
_LOG = logging.getLogger(__name__)


def give_back(path: Path, start: int, end: int) -> None:
    """Free the blocks within a range; its bytes read as zeros from then on.

    Where the system or the file system cannot, nothing happens: the file keeps its size on
    the disk until it is removed.
    """
    first = -(-start // _BLOCK_BYTES) * _BLOCK_BYTES
    length = end // _BLOCK_BYTES * _BLOCK_BYTES - first
    fallocate = _find_fallocate()
    if length <= 0 or fallocate is None:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if fallocate(descriptor, _KEEP_SIZE | _PUNCH_HOLE, first, length):
            _LOG.debug("%s keeps its blocks: %s", path, os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)


@cache
def _find_fallocate() -> Any:
    """Return the C library's function: `os.posix_fallocate` takes no flags."""
    try:
        function = ctypes.CDLL(None, use_errno=True).fallocate
    except (AttributeError, OSError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
    function.restype = ctypes.c_int
    return function
