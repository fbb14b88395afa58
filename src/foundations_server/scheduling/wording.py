"""Amounts and names as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from foundations_server.scheduling.needs import Amounts

KINDS = (0, 1, 2)  # places in Amounts
_NOUNS = ("GPU", "CPU")
_SHOWN = 5  # names in one sentence


def count(number: float, noun: str) -> str:
    return f"{number:g} {noun}" if number == 1 else f"{number:g} {noun}s"


def say_kind(kind: int, amount: float) -> str:
    """Return e.g. `2 GPUs`, `0.5 CPUs`, `16 GB of memory`."""
    amount = round(amount, 3)
    return count(amount, _NOUNS[kind]) if kind < len(_NOUNS) else f"{amount:g} GB of memory"


def list_needs(amounts: Amounts) -> list[str]:
    return [say_kind(kind, amounts[kind]) for kind in KINDS if amounts[kind]]


def say_needs(amounts: Amounts) -> str:
    """Return everything that is asked for, or `1 slot`."""
    return join_words(list_needs(amounts) or ["1 slot"])


def join_words(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def join_names(names: Sequence[str]) -> str:
    """Return at most five names and how many more there are."""
    if not names:
        return "jobs that are ending"
    rest = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {rest} more" if rest > 0 else shown
