"""Cuts the text of a filter into tokens that know their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from foundations_wire.errors import InvalidFilter

MAX_LENGTH = 4_000

_SPACE = re.compile(r"\s+")
_OPERATOR = re.compile(r"==|!=|<=|>=|!~|[=<>~]")
_BARE = re.compile(r"""[^\s(),"'=!<>~]+""")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class Part:
    """A piece of a term: `params."my key"` has two."""

    text: str
    is_quoted: bool


@dataclass(frozen=True)
class Token:
    """`kind` is term, operator, `(`, `)`, `,` or end. Only terms have parts."""

    kind: str
    text: str
    start: int
    end: int
    parts: tuple[Part, ...] = ()

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, in any case, without quotes."""
        is_bare = len(self.parts) == 1 and not self.parts[0].is_quoted
        return is_bare and self.text.lower() in words


def tokenise(text: str) -> list[Token]:
    """Return the tokens of a text; the last is of the kind end.

    Raises:
        InvalidFilter: the text is too long, or a character has no meaning where it is.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidFilter(
            f"The filter has {len(text)} characters; {MAX_LENGTH} are the most.",
            position=MAX_LENGTH, length=1,
        )  # fmt: skip
    tokens: list[Token] = []
    place = 0
    while True:
        space = _SPACE.match(text, place)
        place = space.end() if space else place
        if place == len(text):
            return [*tokens, Token("end", "", place, place)]
        token = _read(text, place)
        tokens.append(token)
        place = token.end


def _read(text: str, start: int) -> Token:
    if text[start] in "(),":
        return Token(text[start], text[start], start, start + 1)
    operator = _OPERATOR.match(text, start)
    if operator:
        return Token("operator", operator.group(), start, operator.end())
    if text[start] == "!":
        raise InvalidFilter(
            "`!` stands alone; write `not`, `!=` or `!~`.", position=start, length=1
        )
    return _read_term(text, start)


def _read_term(text: str, start: int) -> Token:
    parts: list[Part] = []
    place = start
    while place < len(text):
        if text[place] in "\"'":
            parts.append(_read_quoted(text, place))
            place = _end_of_quoted(text, place)
        elif bare := _BARE.match(text, place):
            parts.append(Part(bare.group(), is_quoted=False))
            place = bare.end()
        else:
            break
    return Token("term", text[start:place], start, place, tuple(parts))


def _read_quoted(text: str, start: int) -> Part:
    inner = text[start + 1 : _end_of_quoted(text, start) - 1]
    read = _ESCAPE.sub(lambda found: _ESCAPED.get(found.group(1), found.group(1)), inner)
    return Part(read, is_quoted=True)


def _end_of_quoted(text: str, start: int) -> int:
    found = _QUOTED.match(text, start)
    if found is None:
        raise InvalidFilter(
            f"The text that begins with {text[start]} does not end.",
            position=start, length=len(text) - start,
        )  # fmt: skip
    return found.end()


def is_bare(text: str) -> bool:
    """Whether a text is one term without quotes."""
    return _BARE.fullmatch(text) is not None
