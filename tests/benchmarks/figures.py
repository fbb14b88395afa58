"""A measured figure beside its bar."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

ATLAS = "Atlas"


@dataclass(frozen=True)
class Bar:
    """A limit for a median: the most it may be, or with `is_floor` the least."""

    limit: float
    is_floor: bool = False

    def is_reached(self, value: float) -> bool:
        return value >= self.limit if self.is_floor else value <= self.limit

    def describe(self, unit: str) -> str:
        sign = "≥" if self.is_floor else "≤"
        return f"{sign} {spell(self.limit)} {unit}".strip()


@dataclass(frozen=True)
class Figure:
    """Samples of one quantity, in `unit`; only figures of ours have a bar.

    `note` says what was cut or what is not the same as in the rows beside it.
    """

    name: str
    unit: str
    samples: tuple[float, ...]
    bar: Bar | None = None
    system: str = ATLAS
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def is_reached(self) -> bool:
        return self.bar is None or self.bar.is_reached(self.median)


def format_table(figures: list[Figure]) -> str:
    """Return a Markdown table with median, minimum, maximum and bar.

    Rows of one name that follow each other show it once.
    """
    lines = [
        "| What | System | Median | Least | Most | Bar | Runs | Note |",
        "|---|---|---|---|---|---|---|---|",
    ]
    names = [figure.name for figure in figures]
    for before, figure in zip(["", *names], figures, strict=False):
        lines.append(_format_row(figure, "" if figure.name == before else figure.name))
    return "\n".join(lines)


def _format_row(figure: Figure, name: str) -> str:
    bar = ""
    if figure.bar is not None:
        bar = figure.bar.describe(figure.unit) + ("" if figure.is_reached else " **missed**")
    cells = [
        name,
        figure.system,
        f"{spell(figure.median)} {figure.unit}".strip(),
        spell(min(figure.samples)),
        spell(max(figure.samples)),
        bar,
        str(len(figure.samples)),
        figure.note,
    ]
    return f"| {' | '.join(cells)} |"


def spell(value: float) -> str:
    """Return a number with three digits, or all of them from 1,000 on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def gather(figures: list[Figure]) -> list[Figure]:
    """Return the figures with those of one name beside each other, in order of appearance."""
    names = list(dict.fromkeys(figure.name for figure in figures))
    return sorted(figures, key=lambda figure: names.index(figure.name))
