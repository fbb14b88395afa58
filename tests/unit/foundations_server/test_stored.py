from __future__ import annotations

import pytest

from foundations_server.platform.stored import decode, decode_all


@pytest.mark.parametrize(
    "texts",
    [
        ["1", None, "0.25", '"NaN"', '"a, b"'],
        ["12345678901234567890123", "[1, 2]", None],
        [],
    ],
)
def test_many_texts_are_read_as_one_by_one(texts: list[str | None]) -> None:
    assert decode_all(texts) == [None if text is None else decode(text) for text in texts]
