"""Which files of a folder belong to a job: gitignore's syntax in `.foundationsignore`."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

IGNORE_FILE = ".foundationsignore"

# What no job needs and every repository has. A line such as `!.git/` takes one back.
NOISE = (
    ".git/", ".hg/", ".svn/", "__pycache__/", "*.pyc", ".venv/", "node_modules/",
    ".ipynb_checkpoints/", ".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".tox/", ".DS_Store",
)  # fmt: skip

# What should not travel to other machines by accident; submit names those it leaves out.
SECRETS = (".env", ".netrc", ".ssh/", ".aws/", "*.pem", "id_rsa", "id_ed25519", "credentials.yaml")

_VENV_MARK = "pyvenv.cfg"  # every virtual environment has one, whatever its name

# Reasons for which `walk` leaves out what nobody would miss.
HARMLESS_SKIPS = ("ignored", "a virtual environment", "neither a file nor a folder")

OnSkip = Callable[[str, str], None]


@dataclass(frozen=True)
class _Rule:
    expression: re.Pattern[str]
    is_negated: bool
    is_folder_only: bool


@dataclass(frozen=True)
class IgnoreRules:
    """Patterns in order; the last one that matches a path decides."""

    rules: tuple[_Rule, ...] = field(default=())

    @classmethod
    def parse(cls, lines: Iterable[str]) -> IgnoreRules:
        """Return the rules of lines in gitignore's syntax; blank lines and comments are none."""
        return cls(tuple(rule for rule in map(_parse_line, lines) if rule))

    @classmethod
    def of_folder(cls, folder: Path) -> IgnoreRules:
        """Return the default rules and, after them, those of the folder's `.foundationsignore`."""
        file = folder / IGNORE_FILE
        own: list[str] = []
        if file.is_file():
            own = file.read_text("utf-8", "replace").splitlines()
        return cls.parse([*NOISE, *SECRETS, *own])

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether the path, relative and with forward slashes, is left out.

        Its parents are not looked at: what lies in an ignored folder is never asked about.
        """
        for rule in reversed(self.rules):
            if rule.is_folder_only and not is_folder:
                continue
            if rule.expression.fullmatch(path):
                return not rule.is_negated
        return False


def is_secret(path: str, *, is_folder: bool) -> bool:
    """Whether the path looks like a password file or a key (see SECRETS)."""
    return _secret_rules().ignores(path, is_folder=is_folder)


@functools.lru_cache(maxsize=1)
def _secret_rules() -> IgnoreRules:
    return IgnoreRules.parse(SECRETS)


def walk(
    folder: Path,
    rules: IgnoreRules,
    *,
    prefix: str = "",
    with_folders: bool = False,
    on_skip: Optional[OnSkip] = None,
) -> Iterator[tuple[str, Path]]:
    """Yield (relative path with forward slashes, path) of what is not ignored, sorted.

    Regular files and symbolic links come (a link is not followed, whatever it points at);
    folders too, before what they hold, when asked for. Sockets, devices and virtual
    environments do not. `on_skip` hears of every other thing left out and of folders that
    cannot be read: (path, reason). Every path begins with `prefix`, also before the rules.
    """
    yield from _Walk(rules, with_folders, on_skip or _ignore_skip).entries(folder, prefix)


def _ignore_skip(_path: str, _reason: str) -> None:
    pass


@dataclass(frozen=True)
class _Walk:
    rules: IgnoreRules
    with_folders: bool
    on_skip: OnSkip

    def entries(self, folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.on_skip(prefix or ".", error.strerror or str(error))
            return
        for entry in entries:
            path, source = prefix + entry.name, Path(entry.path)
            is_folder = entry.is_dir(follow_symlinks=False)
            if self.rules.ignores(path, is_folder=is_folder or _leads_to_folder(entry)):
                self.on_skip(path, "ignored")
            elif is_folder and (source / _VENV_MARK).exists():
                self.on_skip(path, "a virtual environment")
            elif is_folder:
                if self.with_folders:
                    yield path, source
                yield from self.entries(source, path + "/")
            elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                yield path, source
            else:
                self.on_skip(path, "neither a file nor a folder")


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """`data/` in an ignore file means a linked folder too, unlike in git: it would be copied."""
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link to itself, or to where we may not look
        return False


def _parse_line(line: str) -> Optional[_Rule]:
    pattern = _strip(line)
    if not pattern or pattern.startswith("#"):
        return None
    is_negated = pattern.startswith("!")
    pattern = pattern[1:] if is_negated else pattern
    is_folder_only = pattern.endswith("/")
    pattern = pattern[:-1] if is_folder_only else pattern
    is_anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    expression = _translate(pattern)
    if not is_anchored:
        expression = "(?:.*/)?" + expression
    return _Rule(re.compile(expression, re.DOTALL), is_negated, is_folder_only)


def _strip(line: str) -> str:
    """Drop trailing blanks, but not one that a backslash keeps."""
    kept = line.rstrip("\r\n").rstrip(" \t")
    if kept.endswith("\\") and len(kept) < len(line.rstrip("\r\n")):
        kept += " "
    return kept


def _translate(pattern: str) -> str:
    """Return the regular expression of a pattern without its leading and trailing slash."""
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        piece, length = _translate_next(pattern, position)
        pieces.append(piece)
        position += length
    return "".join(pieces)


def _translate_next(pattern: str, at: int) -> tuple[str, int]:
    if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
        return "(?:.*/)?", 3
    if pattern[at:] == "/**":
        return "/.+", 3
    character, rest = pattern[at], pattern[at:]
    if character == "[":
        return _translate_set(pattern, at)
    if character == "*":
        return (".*" if pattern == "**" else "[^/]*"), len(rest) - len(rest.lstrip("*"))
    if character == "\\" and len(rest) > 1:
        return re.escape(rest[1]), 2
    return ("[^/]" if character == "?" else re.escape(character)), 1


def _translate_set(pattern: str, at: int) -> tuple[str, int]:
    start = at + 2 if pattern[at + 1 : at + 2] in ("!", "^") else at + 1
    end = pattern.find("]", start + 1)
    if end < 0:
        return re.escape("["), 1
    body = re.sub(r"([\[\\^&~|])", r"\\\1", pattern[start:end])
    body = body.replace("]", "\\]")
    sign = "^/" if start == at + 2 else ""
    try:
        re.compile(f"[{sign}{body}]")
    except re.error:  # a backward range such as [z-a] matches nothing
        return "(?!)", end + 1 - at
    return f"(?!/)[{sign}{body}]", end + 1 - at
