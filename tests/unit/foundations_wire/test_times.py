from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_wire import times


def test_moment_is_utc_with_microseconds() -> None:
    assert times.to_iso(1_935_392_401.25) == "2031-05-01T09:00:01.250000Z"


@given(st.integers(min_value=0, max_value=32_000_000_000_000_000))
def test_moment_comes_back_to_the_microsecond(microseconds: int) -> None:
    seconds = microseconds / 1e6

    assert times.from_iso(times.to_iso(seconds)) == pytest.approx(seconds, abs=2e-6, rel=0)


def test_offset_is_taken_into_account() -> None:
    assert times.from_iso("2031-05-01T11:00:01+02:00") == times.from_iso("2031-05-01T09:00:01Z")


@pytest.mark.parametrize("text", ["", "yesterday", "2031-05-01T09:00:01", "2031-13-01T00:00:00Z"])
def test_text_without_a_moment_or_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        times.from_iso(text)
