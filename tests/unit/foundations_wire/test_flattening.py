from __future__ import annotations

from foundations_wire.flattening import flatten


def test_keys_and_indexes_on_the_way_are_joined() -> None:
    nested = {"layers": [{"n": 5}, {"n": 6}], "opt": {"lr": 1}, "sizes": (), "none": None}

    assert dict(flatten(nested)) == {
        "layers_0_n": 5, "layers_1_n": 6, "opt_lr": 1, "sizes": None, "none": None,
    }  # fmt: skip


def test_two_values_of_one_name_are_both_told() -> None:
    assert list(flatten({"a": {"b": 1}, "a_b": 2})) == [("a_b", 1), ("a_b", 2)]
