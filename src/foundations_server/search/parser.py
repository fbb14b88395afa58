"""Reads the text of a filter into a tree.

filter  = term { "or" term }            term = factor { "and" factor }
factor  = "not" factor | "(" filter ")" | clause
clause  = field operator value | field ["not"] "in" "(" value { "," value } ")"
        | field "is" ["not"] "missing" | "tag" "has" key | "tag:" key
"""

from __future__ import annotations

from foundations_server.search.fields import ATTRIBUTES, FieldReader, NoVocabulary, Vocabulary
from foundations_server.search.lexer import Part, Token, tokenise
from foundations_server.search.syntax import (
    And,
    Clause,
    Comparison,
    Field,
    Literal,
    Membership,
    Missing,
    Node,
    Not,
    Or,
    SortKey,
    Span,
)
from foundations_server.search.values import check_operator, read_value
from foundations_wire.errors import InvalidFilter

MAX_DEPTH = 40  # of parentheses and nots in each other
MAX_CLAUSES = 200
MAX_SORT_KEYS = 8
_OPERATOR_WORDS = "=, !=, <, <=, >, >=, ~, !~, in, is missing"


def parse(text: str, vocabulary: Vocabulary | None = None) -> Node | None:
    """Return the tree of a filter; None for one that is empty.

    Raises:
        InvalidFilter: the text is no filter. Details: `position`, `length` and, where a word
            is like another, `suggestion`.
    """
    tokens = tokenise(text)
    if tokens[0].kind == "end":
        return None
    parser = _Parser(tokens, FieldReader(vocabulary or NoVocabulary()))
    node = parser.read_or(0)
    parser.expect_end()
    return node


def parse_sort(text: str, vocabulary: Vocabulary | None = None) -> list[SortKey]:
    """Return the keys of `-metrics.accuracy.max,name`; `-` is for descending.

    Raises:
        InvalidFilter: as in `parse`; positions count in this text.
    """
    tokens = tokenise(text)
    reader = FieldReader(vocabulary or NoVocabulary())
    keys: list[SortKey] = []
    if tokens[0].kind == "end":
        return keys
    for index in range(0, len(tokens), 2):
        keys.append(_read_key(tokens[index], reader))
        following = tokens[index + 1]
        if following.kind == "end":
            break
        if following.kind != ",":
            raise _error("A comma goes between the keys of a sort.", following)
    if len(keys) > MAX_SORT_KEYS:
        raise _error(f"{MAX_SORT_KEYS} keys are the most a sort has.", tokens[-2])
    return keys


def read_field(text: str, vocabulary: Vocabulary | None = None) -> Field:
    """Return the field that is named, as in a filter."""
    tokens = tokenise(text)
    if len(tokens) != 2 or tokens[0].kind != "term":
        raise _error(f"`{text[:100]}` is no field.", tokens[0])
    return FieldReader(vocabulary or NoVocabulary()).read(tokens[0])


def _read_key(token: Token, reader: FieldReader) -> SortKey:
    if token.kind != "term":
        raise _error("A field is missing in the sort.", token)
    first, *rest = token.parts
    is_descending = first.text.startswith("-") and not first.is_quoted
    if is_descending:
        if token.text == "-":
            raise _error("A field is missing in the sort.", token)
        parts = (Part(first.text[1:], is_quoted=False), *rest)
        token = Token("term", token.text[1:], token.start + 1, token.end, parts)
    return SortKey(reader.read(token), is_descending)


class _Parser:
    def __init__(self, tokens: list[Token], reader: FieldReader) -> None:
        self._tokens = tokens
        self._reader = reader
        self._place = 0
        self._clauses = 0

    def read_or(self, depth: int) -> Node:
        items = [self._read_and(depth)]
        while self._take_word("or"):
            items.append(self._read_and(depth))
        return items[0] if len(items) == 1 else Or(tuple(items))

    def expect_end(self) -> None:
        token = self._token
        if token.kind == ")":
            raise _error("This `)` closes nothing.", token)
        if token.kind != "end":
            raise _error(f"`and` or `or` is missing before `{token.text[:60]}`.", token)

    @property
    def _token(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._place += 1
        return token

    def _take_word(self, *words: str) -> bool:
        is_there = self._token.is_word(*words)
        self._place += is_there
        return is_there

    def _read_and(self, depth: int) -> Node:
        items = [self._read_factor(depth)]
        while self._take_word("and"):
            items.append(self._read_factor(depth))
        return items[0] if len(items) == 1 else And(tuple(items))

    def _read_factor(self, depth: int) -> Node:
        token = self._token
        if depth > MAX_DEPTH:
            raise _error(f"The filter is nested more than {MAX_DEPTH} deep.", token)
        if self._take_word("not"):
            return Not(self._read_factor(depth + 1))
        if token.kind != "(":
            return self._read_clause()
        self._next()
        inner = self.read_or(depth + 1)
        if self._token.kind != ")":
            if self._token.kind == "end":
                raise _error("This `(` is never closed.", token)
            raise _error(
                f"`and`, `or` or `)` is missing before `{self._token.text[:60]}`.", self._token
            )
        self._next()
        return inner

    def _read_clause(self) -> Clause:
        token = self._next()
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            raise _error(f"{MAX_CLAUSES} clauses are the most a filter has.", token)
        if token.kind != "term" or token.is_word("and", "or", "in", "is"):
            what = f"not `{token.text[:60]}`" if token.text else "and the filter ends"
            raise _error(f"A clause such as `status = failed` belongs here, {what}.", token)
        if token.is_word("tag", "tags") and self._take_word("has"):
            return self._read_has(token)
        is_tag = not token.parts[0].is_quoted and token.text.lower().startswith(("tag:", "tags:"))
        field = self._reader.read(token)
        if is_tag and self._token.kind != "operator":
            return Missing(field, is_negated=True, span=Span(token.start, token.end))
        return self._read_rest(field, token)

    def _read_has(self, token: Token) -> Clause:
        key = self._next()
        if key.kind != "term":
            raise _error("The key of the tag is missing.", key)
        field = Field("tag", "".join(part.text for part in key.parts))
        return Missing(field, is_negated=True, span=Span(token.start, key.end))

    def _read_rest(self, field: Field, token: Token) -> Clause:
        if self._token.kind == "operator":
            operator = self._next()
            name = "=" if operator.text == "==" else operator.text
            check_operator(field, name, operator)
            value = self._read_value(field, name)
            return Comparison(field, name, value, Span(token.start, self._last_end))
        if self._take_word("is"):
            is_negated = self._take_word("not")
            if not self._take_word("missing"):
                raise _error("`is` goes with `missing` or `not missing`.", self._token)
            return Missing(field, is_negated, Span(token.start, self._last_end))
        is_negated = self._take_word("not")
        if self._take_word("in"):
            return self._read_membership(field, token, is_negated=is_negated)
        raise self._no_operator(field)

    def _read_membership(self, field: Field, token: Token, *, is_negated: bool) -> Membership:
        opening = self._next()
        if opening.kind != "(":
            raise _error("`in` is followed by values in parentheses: `in (a, b)`.", opening)
        values = [self._read_value(field, "=")]
        while self._token.kind == ",":
            self._next()
            values.append(self._read_value(field, "="))
        if self._token.kind != ")":
            at_end = self._token.kind == "end"
            raise _error(
                "This `(` is never closed." if at_end else "A comma or `)` is missing here.",
                opening if at_end else self._token,
            )
        self._next()
        return Membership(field, tuple(values), is_negated, Span(token.start, self._last_end))

    @property
    def _last_end(self) -> int:
        return self._tokens[self._place - 1].end

    def _read_value(self, field: Field, operator: str) -> Literal:
        token = self._next()
        if token.kind != "term" or token.is_word("and", "or", "not"):
            what = (
                f": `{token.text[:60]}` is none; quote it if it is"
                if token.text
                else ", and the filter ends"
            )
            raise _error(f"A value belongs here{what}.", token)
        return read_value(field, operator, token)

    def _no_operator(self, field: Field) -> InvalidFilter:
        token = self._token
        found = f", not `{token.text[:60]}`" if token.text else ""
        hint = "" if field.kind != "attribute" else f" `{field.name}` is a {_describe(field)}."
        return _error(f"An operator ({_OPERATOR_WORDS}) belongs here{found}.{hint}", token)


def _describe(field: Field) -> str:
    return {"number": "number", "time": "time", "duration": "duration"}.get(
        ATTRIBUTES[field.name], "text"
    )


def _error(sentence: str, token: Token) -> InvalidFilter:
    return InvalidFilter(sentence, position=token.start, length=max(token.end - token.start, 1))
