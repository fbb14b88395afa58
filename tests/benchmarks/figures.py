"""A measured figure beside its bar."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Samples of one quantity, in `unit`; the bar is an upper limit for their median."""

    name: str
    unit: str
    samples: tuple[float, ...]
    bar: float

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def is_reached(self) -> bool:
        return self.median <= self.bar


def format_table(figures: list[Figure]) -> str:
    """Return a Markdown table with minimum, median, maximum and bar."""
    lines = [
        "| What | Median | Least | Most | Bar | Runs |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        least, most = min(figure.samples), max(figure.samples)
        lines.append(
            f"| {figure.name} | {figure.median:.3g} {figure.unit} | {least:.3g} | {most:.3g} "
            f"| ≤ {figure.bar:g} {figure.unit} | {len(figure.samples)} |"
        )
    return "\n".join(lines)
