"""What a person or a script reads: results on stdout, talk on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, Optional, Union

from rich.console import Console
from rich.table import Table
from rich.text import Text

from foundations_wire.codec import spell
from foundations_wire.errors import AtlasError
from foundations_wire.times import from_iso

_WIDE = 1000  # a pipe has no width: nothing is folded or cut there
_STYLES = {
    "completed": "green", "running": "cyan", "failed": "red", "stopped": "yellow",
    "queued": "dim", "ok": "green", "warn": "yellow", "fail": "red",
    "connected": "green", "silent": "yellow", "gone": "dim", "draining": "yellow",
    "free": "green", "busy": "cyan", "quarantined": "red",
}  # fmt: skip


def say(text: str) -> None:
    """Tell the person at the terminal; a script that reads the result does not see it."""
    print(text, file=sys.stderr, flush=True)


def answer(text: str) -> None:
    """Print a result."""
    print(text, flush=True)


class Refusal(AtlasError):
    """A command ends here; the sentence is printed as it is."""

    code = "refusal"


def fail(sentence: str) -> NoReturn:
    """End the command with the sentence that says why not, and exit status 1."""
    raise Refusal(sentence)


def answer_json(value: Any) -> None:
    """Print a value as JSON, dataclasses as objects."""
    answer(json.dumps(spell(value), indent=2, ensure_ascii=False))


def answer_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[Optional[str]]],
    *,
    right: Sequence[str] = (),
    fold: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> None:
    """Print aligned columns: `right` ones to the right, only `fold` ones over several lines.

    `optional` ones are left out where no row has a value.
    """
    shown = list(rows)
    kept = [
        place
        for place, heading in enumerate(headings)
        if heading not in optional or any(row[place] for row in shown)
    ]
    headings = [headings[place] for place in kept]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        justify = "right" if heading in right else "left"
        overflow = "fold" if heading in fold else "ellipsis"
        table.add_column(heading, justify=justify, overflow=overflow, no_wrap=heading not in fold)  # type: ignore[arg-type]
    for row in shown:
        table.add_row(*(_cell(row[place]) for place in kept))
    _print(table)


def answer_pairs(pairs: Iterable[tuple[str, Optional[str]]]) -> None:
    """Print a name and its value on each line, leaving out what has no value."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value:
            table.add_row(Text(name), _cell(value))
    _print(table)


def answer_heading(text: str, *, is_first: bool = False) -> None:
    """Print a line above a table, and a blank one before it unless it is the first."""
    _print(Text(text if is_first else f"\n{text}", style="bold"))


def _print(content: Union[Table, Text]) -> None:
    if sys.stdout.isatty():
        Console(highlight=False).print(content)
        return
    console = Console(highlight=False, width=_WIDE, color_system=None)
    with console.capture() as captured:
        console.print(content)
    answer("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _cell(value: Optional[str]) -> Text:
    text = "–" if value in (None, "") else str(value)
    return Text(text, style=_STYLES.get(text, ""))


def show_value(value: Any) -> str:
    """Return a parameter or metric as a cell shows it: floats with six digits."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def show_duration(seconds: Optional[float]) -> str:
    """Return e.g. `0.4s`, `59s`, `3m 05s`, `2h 10m`, `3d 04h`."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02}h"


def show_time(moment: Optional[str]) -> str:
    """Return a UTC moment of the server in local time, to the second."""
    if not moment:
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(from_iso(moment)))
