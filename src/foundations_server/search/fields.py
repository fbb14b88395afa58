"""The words of the language: what can be asked about, and how names are read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from foundations_server.search.lexer import Part, Token
from foundations_server.search.syntax import AGGREGATES, PLURALS, Field
from foundations_wire.errors import InvalidFilter

# The attributes of a job with the type of their values.
ATTRIBUTES = {
    "status": "status",
    "name": "text",
    "number": "number",
    "id": "text",
    "user": "text",
    "project": "text",
    "created": "time",
    "started": "time",
    "ended": "time",
    "duration": "duration",
    "source": "text",
    "worker": "text",
    "reason": "text",
    "exit_code": "number",
    "priority": "number",
    "gpus": "number",
}
# The names of the first Atlas, and those of the REST API.
_ALIASES = {
    "job_id": "id",
    "start_time": "started",
    "started_at": "started",
    "completed_time": "ended",
    "ended_at": "ended",
    "creation_time": "created",
    "created_at": "created",
    "num_gpus": "gpus",
    "duration_seconds": "duration",
    "project_name": "project",
}
_KINDS = {word: kind for kind, plural in PLURALS.items() for word in (kind, plural)}
_AGGREGATE_ALIASES = {"steps": "step", "points": "count", "last_step": "step"}


class Vocabulary(Protocol):
    """What the jobs that are asked about have."""

    def has(self, kind: str, name: str) -> bool:
        """Whether some job has the param, metric or tag; true when there are no jobs."""

    def list_names(self, kind: str) -> Sequence[str]:
        """Return the names of all params, metrics or tags."""


class NoVocabulary:
    """Takes every name."""

    def has(self, _kind: str, _name: str) -> bool:
        return True

    def list_names(self, _kind: str) -> Sequence[str]:
        return ()


@dataclass(frozen=True)
class FieldReader:
    """Reads terms as fields."""

    vocabulary: Vocabulary

    def read(self, token: Token) -> Field:
        """Return the field that a term names.

        Raises:
            InvalidFilter: there is none of that name; says which one may be meant.
        """
        field = self._split(token)
        if field is None:
            raise self._unknown(token, "field", token.text, self._list_all())
        is_label = field.kind in ("param", "metric")
        if is_label and not self.vocabulary.has(field.kind, field.name):
            prefix = PLURALS[field.kind]
            names = [Field(field.kind, n).spell() for n in self.vocabulary.list_names(field.kind)]
            raise self._unknown(token, field.kind, f"{prefix}.{field.name}", names)
        return field

    def _split(self, token: Token) -> Field | None:
        """Return the field as it is written, or None for a word that is none."""
        first = token.parts[0] if token.parts else Part("", is_quoted=True)
        if first.is_quoted:
            return None
        prefix, dot, rest = first.text.partition(".")
        if not dot and first.text.lower().startswith(("tag:", "tags:")):
            prefix, dot, rest = first.text.partition(":")
        elif first.text.lower().startswith(("tag:", "tags:")):
            prefix, _, rest = first.text.partition(":")
        kind = _KINDS.get(prefix.lower()) if dot else None
        if kind is None:
            word = first.text.lower()
            name = _ALIASES.get(word, word)
            is_known = name in ATTRIBUTES and len(token.parts) == 1
            return Field("attribute", name) if is_known else None
        return _read_label(kind, [Part(rest, is_quoted=False), *token.parts[1:]], token)

    def _list_all(self) -> list[str]:
        labels = [
            Field(kind, name).spell()
            for kind in ("metric", "param")
            for name in self.vocabulary.list_names(kind)
        ]
        return [*ATTRIBUTES, *labels]

    def _unknown(self, token: Token, what: str, name: str, known: Iterable[str]) -> InvalidFilter:
        guess = suggest(name, known)
        asks = f" Did you mean `{guess}`?" if guess else ""
        return InvalidFilter(
            f"`{name[:100]}`: there is no such {what}.{asks}",
            position=token.start, length=token.end - token.start, suggestion=guess,
        )  # fmt: skip


def _read_label(kind: str, parts: list[Part], token: Token) -> Field:
    aggregate = ""
    if kind == "metric":
        parts, aggregate = _split_aggregate(parts)
    name = "".join(part.text for part in parts)
    if not name:
        raise InvalidFilter(
            f"The name of the {kind} is missing.",
            position=token.start, length=token.end - token.start,
        )  # fmt: skip
    return Field(kind, name, aggregate)


def _split_aggregate(parts: list[Part]) -> tuple[list[Part], str]:
    """Take `.max` from the end, unless it is all there is or stands in quotes."""
    last = parts[-1]
    before, dot, word = last.text.rpartition(".")
    word = _AGGREGATE_ALIASES.get(word.lower(), word.lower())
    has_name = bool(before) or len(parts) > 1
    if last.is_quoted or not dot or not has_name or word not in AGGREGATES:
        return parts, "last"
    return [*parts[:-1], Part(before, is_quoted=False)], word


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like this one, if any is."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return by_lower[close[0]]
    # `accuracy` for `metrics.accuracy`
    tails = {name.split(".", 1)[1]: full for name, full in by_lower.items() if "." in name}
    close = difflib.get_close_matches(word.lower(), list(tails), n=1, cutoff=0.6)
    return tails[close[0]] if close else None
