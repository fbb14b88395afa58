"""Identifiers: how they are minted and which ones are accepted."""

from __future__ import annotations

import os
import re

from foundations_wire.errors import InvalidRequest

# Ids become file names on several machines, so only characters that no file system minds.
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_PROJECT_NAME = 200  # characters
MAX_KEY = 1000  # characters of a parameter, metric, tag or artifact name


def new_id() -> str:
    """Return a fresh UUID4 as 36 characters of text."""
    data = bytearray(os.urandom(16))  # `uuid` takes longer to import than all of this package
    data[6], data[8] = data[6] & 0x0F | 0x40, data[8] & 0x3F | 0x80
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def check_job_id(text: str) -> str:
    """Return the text if it may name a job.

    Raises:
        InvalidRequest: other characters than letters, digits, `.`, `_`, `-`, a first
            character that is neither letter nor digit, or more than 128 characters.
    """
    if _JOB_ID.fullmatch(text):
        return text
    raise InvalidRequest(
        f"{text[:60]!r} cannot be a job id: use 1 to 128 letters, digits, '.', '_' or '-', "
        f"beginning with a letter or digit."
    )


def check_sha256(text: str) -> str:
    """Return the text if it is 64 lower-case hexadecimal digits, else raise InvalidRequest."""
    if _SHA256.fullmatch(text):
        return text
    raise InvalidRequest(f"{text[:80]!r} is not a SHA-256 in lower-case hexadecimal digits.")


def check_project_name(text: str) -> str:
    """Return the text if it may name a project.

    Raises:
        InvalidRequest: empty, longer than 200 characters, only dots, or holding a slash,
            a backslash or a control character.
    """
    _check_text("project name", text, MAX_PROJECT_NAME)
    if "/" in text or "\\" in text or not text.strip(". "):
        raise InvalidRequest(
            f"{text!r} cannot be a project name: it must hold more than dots and no slash."
        )
    return text


def check_key(what: str, text: str) -> str:
    """Return the text if it may name a parameter, metric, tag or artifact.

    Any printable text of 1 to 1,000 characters is taken: `test_accuracy:`, `join time`
    and `val/loss` are names that people use.

    Raises:
        InvalidRequest: empty, too long, or holding a control character.
    """
    _check_text(what, text, MAX_KEY)
    return text


def _check_text(what: str, text: str, limit: int) -> None:
    if not text:
        raise InvalidRequest(f"A {what} cannot be empty.")
    if len(text) > limit:
        raise InvalidRequest(f"The {what} {text[:30]!r}… is longer than {limit} characters.")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise InvalidRequest(f"The {what} {text[:60]!r} holds a control character.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidRequest(f"The {what} {text[:60]!r} holds half a surrogate pair.")
