"""The language of filters: what is read, what is refused, and what is said about it."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_server.search.fields import ATTRIBUTES
from foundations_server.search.lexer import MAX_LENGTH
from foundations_server.search.literals import Moment, read_duration, read_number, read_time
from foundations_server.search.parser import parse, parse_sort
from foundations_server.search.syntax import (
    And,
    Comparison,
    Field,
    Literal,
    Missing,
    Node,
    Not,
    Or,
    find_best,
    list_clauses,
    spell,
)
from foundations_wire.errors import InvalidFilter
from support.filters import draw_filters


class Names:
    """A project with one metric and two params."""

    names: ClassVar = {
        "metric": ["accuracy", "loss"],
        "param": ["lr", "optimizer"],
        "tag": ["baseline"],
    }

    def has(self, kind: str, name: str) -> bool:
        return name in self.names[kind]

    def list_names(self, kind: str) -> list[str]:
        found: list[str] = self.names[kind]
        return found


def refuse(text: str) -> InvalidFilter:
    with pytest.raises(InvalidFilter) as caught:
        parse(text, Names())
    return caught.value


def test_filter_of_the_readme_is_read() -> None:
    node = parse("metrics.accuracy.max > 0.9 and params.lr < 0.01 and tag:baseline")

    assert node == And(
        (
            Comparison(Field("metric", "accuracy", "max"), ">", Literal("number", "0.9")),
            Comparison(Field("param", "lr"), "<", Literal("number", "0.01")),
            Missing(Field("tag", "baseline"), is_negated=True),
        )
    )


def test_and_binds_tighter_than_or_and_not_tightest() -> None:
    node = parse("tag:a or not tag:b and tag:c")

    a, b, c = (Missing(Field("tag", key), is_negated=True) for key in "abc")
    assert node == Or((a, And((Not(b), c))))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("status == Failed", 'status = "failed"'),
        ("STATUS = failed AND Tag Has x", "status = failed and tag:x"),
        ("metric.loss = 1", "metrics.loss.last = 1"),
        ("param.lr is missing", "params.lr is missing"),
        ("tags:'my tag'", 'tag has "my tag"'),
        ("start_time > -7d", "started > -7d"),
        ("job_id = x", "id = 'x'"),
        ("status = done", "status = completed"),
        ("params.'a b' = 1", 'params."a b" = 1'),
        ('metrics."val loss".min < 1', "metrics.'val loss'.min < 1"),
    ],
)
def test_other_spellings_mean_the_same(text: str, same: str) -> None:
    assert parse(text) == parse(same)


def test_last_word_of_a_metric_is_its_aggregate_unless_quoted() -> None:
    node = parse('metrics.train.loss.min < 1 and metrics."train.min" < 1 and metrics.max < 1')

    assert [clause.field for clause in list_clauses(node)] == [
        Field("metric", "train.loss", "min"),
        Field("metric", "train.min", "last"),
        Field("metric", "max", "last"),
    ]


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_empty_filter_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "position", "length", "said"),
    [
        ("stauts = failed", 0, 6, "Did you mean `status`?"),
        ("tag:x and accuracy > 1", 10, 8, "Did you mean `metrics.accuracy`?"),
        ("metrics.acuracy > 1", 0, 15, "Did you mean `metrics.accuracy`?"),
        ("params.optimiser = x", 0, 16, "Did you mean `params.optimizer`?"),
        ("status = faild", 9, 5, "Did you mean `failed`?"),
        ("status = odd", 9, 3, "They are queued, running,"),
        ("(status = failed", 0, 1, "never closed"),
        ("(status = failed tag:x)", 17, 5, "`and`, `or` or `)` is missing"),
        ("status = failed)", 15, 1, "closes nothing"),
        ("status = failed tag:x", 16, 5, "`and` or `or` is missing"),
        ("status in running", 10, 7, "in parentheses"),
        ("status in (running", 10, 1, "never closed"),
        ("status in (running failed)", 19, 6, "A comma or `)`"),
        ("status", 6, 1, "An operator"),
        ("status =", 8, 1, "A value belongs here"),
        ("status = and", 9, 3, "quote it"),
        ("status < failed", 7, 1, "not less or more"),
        ("created ~ 2026", 8, 1, "`created` is a time"),
        ("number = x", 9, 1, "compared with a number"),
        ("metrics.loss < x", 15, 1, "compares a metric with a number"),
        ("metrics.loss.min = x", 19, 1, "compared with a number"),
        ("metrics.loss > nan", 15, 3, "Nothing is less or more than nan"),
        ("params.lr < true", 12, 4, "goes with `=` and `!=`"),
        ("params.lr < null", 12, 4, "goes with `=` and `!=`"),
        ("user = null", 7, 4, "`user is missing`"),
        ("created > 2026-02-30", 10, 10, "is no time"),
        ("created > soon", 10, 4, "is no time"),
        ("duration > soon", 11, 4, "is no duration"),
        ("user is gone", 8, 4, "goes with `missing`"),
        ("tag has", 7, 1, "key of the tag"),
        ("tag: and x", 0, 4, "name of the tag is missing"),
        ("! status = x", 0, 1, "`!` stands alone"),
        ('user = "ada', 7, 4, "does not end"),
        ('"user" = ada', 0, 6, "no such field"),
        ("or", 0, 2, "A clause such as"),
        ("tag:x and", 9, 1, "A clause such as"),
        ("not", 3, 1, "A clause such as"),
        ("user = 'a\0'", 7, 4, "no text of a job has"),
        ("(" * 50 + "tag:x" + ")" * 50, 41, 1, "nested more than 40"),
        ("x" * (MAX_LENGTH + 1), MAX_LENGTH, 1, "are the most"),
        (" and ".join(["tag:x"] * 201), 2000, 5, "200 clauses"),
    ],
)
def test_fault_is_told_with_its_place(text: str, position: int, length: int, said: str) -> None:
    error = refuse(text)

    assert said in error.message
    assert (error.details["position"], error.details["length"]) == (position, length)


def test_suggestion_is_a_detail_of_its_own() -> None:
    assert refuse("stauts = failed").details["suggestion"] == "status"
    assert refuse("zzzzzz = failed").details["suggestion"] is None


@given(draw_filters())
def test_every_tree_is_read_back_from_its_text(node: Node) -> None:
    assert parse(spell(node)) == node


@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ["status", "=", "(", ")", "and", "not", "in", "params.x", "'", '"', "tag:", ",", "~", "nan",
     "is", "missing", "metrics.", "\\", "-7d", "\ud800", "1" * 500, ".", "e5"]), max_size=12)
    .map(" ".join))  # fmt: skip
def test_any_text_is_read_or_refused(text: str) -> None:
    fault: InvalidFilter | None = None
    node: Node | None = None
    try:
        node = parse(text)
    except InvalidFilter as error:
        fault = error

    if fault is not None:
        assert 0 <= fault.details["position"] <= len(text)
        assert fault.details["length"] >= 1
    assert node is None or parse(spell(node)) == node


def test_sort_is_a_list_of_fields() -> None:
    keys = parse_sort('-metrics.loss.min, name,-params."a,b"')

    assert [(key.field.spell(), key.is_descending) for key in keys] == [
        ("metrics.loss.min", True),
        ("name", False),
        ('params."a,b"', True),
    ]
    assert parse_sort("") == []


@pytest.mark.parametrize("text", ["name,", ",name", "name status", "-", "-,name", "nam", "(name)",
                                  ",".join(["name"] * 9)])  # fmt: skip
def test_sort_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        parse_sort(text)


@pytest.mark.parametrize(
    ("name", "best"),
    [
        ("loss", "min"), ("val_loss", "min"), ("valLoss", "min"), ("train/error", "min"),
        ("rmse", "min"), ("perplexity", "min"), ("accuracy", "max"), ("f1", "max"),
        ("glossary", "max"), ("floss", "max"), ("reward", "max"), ("mAP", "max"),
    ],
)  # fmt: skip
def test_best_of_a_loss_is_its_lowest(name: str, best: str) -> None:
    assert find_best(name) == best


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h30m", 5400), ("2d", 172_800), ("1w", 604_800), ("1.5h", 5400),
     ("7", 7), ("1e3", 1000), ("soon", None), ("nan", None), ("5x", None), ("", None)],
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    assert read_duration(text) == seconds


def test_times_name_stretches() -> None:
    now = 1_900_000_000.0

    assert read_time("2026-01-02T10:00Z", now) == Moment(1767348000.0, 1767348060.0)
    assert read_time("2026-01-02T10:00:05+01:00", now) == Moment(1767344405.0, 1767344406.0)
    assert read_time("2026-01-02T10:00:05.5Z", now) == Moment(1767348005.5, 1767348005.5)
    assert read_time("-2h", now) == Moment(now - 7200, now - 7200)
    day = read_time("2026-01-02", now)
    assert day is not None
    assert day.end - day.start == 86400
    today, yesterday = read_time("today", now), read_time("yesterday", now)
    assert today is not None
    assert yesterday is not None
    assert today.start <= now < today.end
    assert yesterday.end == today.start


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("-2.5", -2.5), ("1e-3", 0.001), (".5", 0.5), ("inf", float("inf")),
     ("-Infinity", float("-inf")), ("1_000", None), ("0x10", None), ("", None), ("1e", None),
     ("9" * 500, None), ("\u0661", None)],
)  # fmt: skip
def test_numbers(text: str, number: float | None) -> None:
    assert read_number(text) == number


def test_every_attribute_can_be_asked_about() -> None:
    for name in ATTRIBUTES:
        assert parse(f"{name} is missing") == Missing(Field("attribute", name))
