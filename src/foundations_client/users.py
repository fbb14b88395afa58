"""Whose job it is."""

from __future__ import annotations

import getpass
import os


def find_user() -> str:
    """Return FOUNDATIONS_USER, else the login name, else an empty text."""
    named = os.environ.get("FOUNDATIONS_USER")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user often has no name
        return ""
