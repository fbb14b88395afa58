from __future__ import annotations

import pytest

from benchmarks.figures import Bar, Figure, format_table, gather, spell


@pytest.mark.parametrize(
    ("bar", "samples"),
    [
        (Bar(2), (1.0, 1.9, 9.0)),
        (Bar(3, is_floor=True), (9.0, 3.0, 2.0)),
        (None, (9.0,)),
    ],
)
def test_a_bar_is_reached_by_the_median(bar: Bar | None, samples: tuple[float, ...]) -> None:
    assert Figure("call", "µs", samples, bar).is_reached


@pytest.mark.parametrize(
    ("bar", "samples"),
    [(Bar(2), (1.0, 2.1, 2.2)), (Bar(3, is_floor=True), (9.0, 2.9, 2.0))],
)
def test_a_bar_is_missed_by_the_median(bar: Bar, samples: tuple[float, ...]) -> None:
    assert not Figure("call", "µs", samples, bar).is_reached


def test_a_missed_bar_is_marked_in_the_table() -> None:
    table = format_table([Figure("call", "µs", (3.0,), Bar(2)), Figure("other", "s", (1.0,))])

    assert table.count("**missed**") == 1
    assert "≤ 2 µs **missed**" in table


def test_rows_of_one_name_stand_together_and_show_it_once() -> None:
    figures = [
        Figure("call", "µs", (1.0,)),
        Figure("disk", "B", (8.0,)),
        Figure("call", "µs", (7.0,), system="other"),
    ]

    gathered = gather(figures)

    assert [figure.system for figure in gathered] == ["Atlas", "other", "Atlas"]
    assert format_table(gathered).count("| call |") == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.0123"), (2, "2"), (999.4, "999"), (512345.6, "512,346")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert spell(value) == text
