from __future__ import annotations

import uuid

import pytest

from foundations_wire import ids
from foundations_wire.errors import InvalidRequest


def test_new_ids_differ_and_may_name_jobs() -> None:
    first, second = ids.new_id(), ids.new_id()

    assert first != second
    assert ids.check_job_id(first) == first
    assert uuid.UUID(first).version == 4


@pytest.mark.parametrize("text", ["a", "7d1e", "A.b_c-d", "x" * 128])
def test_plain_id_is_taken(text: str) -> None:
    assert ids.check_job_id(text) == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", ".a", "-a", "_a", "a/b", "a\\b", "a b", "a\n", "é", "x" * 129, "a\0"]
)
def test_id_that_a_file_system_would_mind_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a job id"):
        ids.check_job_id(text)


def test_sha256_is_64_lower_case_hexadecimal_digits() -> None:
    assert ids.check_sha256("0a" * 32) == "0a" * 32


@pytest.mark.parametrize("text", ["", "0a" * 31, "0a" * 33, "0A" * 32, "g" * 64, "0" * 64 + "\n"])
def test_other_text_is_no_sha256(text: str) -> None:
    with pytest.raises(InvalidRequest, match="SHA-256"):
        ids.check_sha256(text)


@pytest.mark.parametrize("text", ["birds", "Vögel & 鳥", "a.b", ".hidden", "two words", "x" * 200])
def test_readable_project_name_is_taken(text: str) -> None:
    assert ids.check_project_name(text) == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", " ", ". .", "a/b", "a\\b", "a\nb", "a\x7f", "x" * 201, "\ud800"]
)
def test_project_name_that_could_be_a_path_or_break_a_page_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        ids.check_project_name(text)


@pytest.mark.parametrize("text", ["test_accuracy:", "join time", "val/loss", "..", "x" * 1000])
def test_any_printable_key_is_taken(text: str) -> None:
    assert ids.check_key("metric name", text) == text


@pytest.mark.parametrize("text", ["", "a\tb", "a\0", "x" * 1001, "\udfff"])
def test_key_that_cannot_be_shown_is_refused_and_what_it_is_named(text: str) -> None:
    with pytest.raises(InvalidRequest, match="metric name"):
        ids.check_key("metric name", text)
