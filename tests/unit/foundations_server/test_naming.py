from __future__ import annotations

import re

from foundations_server.jobs.naming import name_job


def test_name_is_two_words_and_the_number() -> None:
    name = name_job("3f0c", 12)

    assert re.fullmatch(r"[a-z]+-[a-z]+-12", name)
    assert name == name_job("3f0c", 12)
