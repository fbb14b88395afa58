from __future__ import annotations

import getpass

import pytest

from foundations_client.users import find_user


def test_the_user_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_USER", "ada")

    assert find_user() == "ada"


def test_a_user_without_a_name_has_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.delenv("FOUNDATIONS_USER", raising=False)
    monkeypatch.setattr(getpass, "getuser", fail)

    assert find_user() == ""
