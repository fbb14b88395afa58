"""Rounds: every round measures each case once, so that a busy minute meets all of them."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import ATLAS, Bar, Figure
from benchmarks.peers.installed import Peer
from benchmarks.running import ProgramFailed

Measure = Callable[[], Any]
Benchmark = Callable[["Plan"], list[Figure]]
Answers = list[dict[str, Any]]


def say(text: str) -> None:
    """Tell how far it is; the figures alone go to standard output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Plan:
    """How much is measured, of which systems, and where they may write.

    `quick` leaves the rows in but makes the data smaller: such figures are for a glance.
    """

    rounds: int
    scratch: Path
    peers: tuple[Peer, ...] = ()
    is_quick: bool = False
    _numbers: Iterable[int] = field(default_factory=itertools.count)

    def scale(self, amount: int, quick: int) -> int:
        return quick if self.is_quick else amount

    def make_folder(self, name: str) -> Path:
        """Return a new folder that lives until the end of the run."""
        folder = self.scratch / f"{name}-{next(iter(self._numbers))}"
        folder.mkdir(parents=True)
        return folder

    def has(self, peer: Peer) -> bool:
        return peer in self.peers


def interleave(
    rounds: int, cases: Mapping[str, Measure], required: set[str]
) -> dict[str, Answers]:
    """Run every case once a round; return what each answered, in order.

    A case that is not required (a peer's) and fails is told and left out from then on.

    Raises:
        ProgramFailed: a required case failed.
    """
    left, answers = dict(cases), {name: list[dict[str, Any]]() for name in cases}
    for number in range(1, rounds + 1):
        for name, measure in list(left.items()):
            try:
                answers[name].append(measure())
            except ProgramFailed as error:
                if name in required:
                    raise
                say(f"  {name} is left out: {error}")
                del left[name]
        say(f"  round {number} of {rounds}")
    return {name: answers[name] for name in cases if answers[name]}


def try_to(name: str, call: Callable[[], object]) -> bool:
    """Return whether a peer could be prepared; tell why not."""
    try:
        call()
    except ProgramFailed as error:
        say(f"  {name} is left out: {error}")
        return False
    return True


def pick(answers: Answers, key: str) -> tuple[float, ...]:
    return tuple(float(answer[key]) for answer in answers)


def make_figures(
    name: str, unit: str, answers: dict[str, Answers], key: str, notes: dict[str, str]
) -> list[Figure]:
    """Return one figure for each system that answered with the key, without bars."""
    return [
        Figure(name, unit, pick(given, key), system=system, note=notes.get(system, ""))
        for system, given in answers.items()
        if all(answer.get(key) is not None for answer in given)
    ]


def with_bar(figures: list[Figure], bar: Bar) -> list[Figure]:
    """Return the figures, ours with its bar."""
    return [
        dataclasses.replace(figure, bar=bar) if figure.system == ATLAS else figure
        for figure in figures
    ]


def at_most(limit: float) -> Bar:
    return Bar(limit)


def at_least(limit: float) -> Bar:
    return Bar(limit, is_floor=True)
