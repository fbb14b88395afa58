from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import foundations
from foundations import jobs
from support.recording import Tape


def test_the_present_job_tells_its_id_and_project(tape: Tape) -> None:
    job = foundations.current_foundations_job()

    assert (job.job_id, job.project_name) == ("job-1", "birds")


@pytest.mark.usefixtures("outside")
def test_there_is_no_present_job_outside_one() -> None:
    with pytest.raises(ValueError, match="no job"):
        foundations.current_foundations_job()


def test_the_job_moves_when_its_project_is_set(tape: Tape) -> None:
    foundations.set_project_name("fish")
    foundations.set_project_name()

    assert [event["project"] for event in tape.events] == ["fish", "default"]
    assert foundations.current_foundations_job().project_name == "default"


def test_a_project_that_cannot_be_is_refused(tape: Tape) -> None:
    with pytest.raises(ValueError, match="slash"):
        foundations.set_project_name("a/b")

    assert tape.events == []


@pytest.mark.scenario(15)
def test_a_tag_is_text_and_a_change_is_told(
    tape: Tape, capsys: pytest.CaptureFixture[str]
) -> None:
    foundations.set_tag("a")
    foundations.set_tag("a", 84)
    foundations.set_tag("b", True)

    tags = [(event["key"], event["value"]) for event in tape.events]
    assert tags == [("a", ""), ("a", "84"), ("b", "True")]
    assert capsys.readouterr().out == "Foundations WARNING: Tag `a` updated to `84`\n"


@pytest.mark.parametrize("value", [None, [1], {}, object()])
def test_a_tag_that_is_neither_text_nor_number_is_refused_by_name(tape: Tape, value: Any) -> None:
    with pytest.raises(TypeError, match="`a`"):
        foundations.set_tag("a", value)


@pytest.mark.scenario(16)
def test_a_file_is_kept_as_it_is_at_the_call(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    foundations.save_artifact(path)
    path.write_text("after!!")
    foundations.save_artifact(str(path), "other")

    saved = [(event["key"], event["path"], event["size"]) for event in tape.events]
    kept = {file.read_text() for file in (tmp_path / "blobs").iterdir()}
    assert saved == [("a.txt", "a.txt", 6), ("other", "a.txt", 7)]
    assert kept == {"before", "after!!"}


def test_a_file_whose_name_holds_a_line_end_is_kept_under_a_plain_key(
    tape: Tape, tmp_path: Path
) -> None:
    path = tmp_path / "two\nlines"
    path.write_text("x")

    with pytest.raises(ValueError, match="control character"):
        foundations.save_artifact(path)
    foundations.save_artifact(path, "key")

    assert [(event["key"], event["path"]) for event in tape.events] == [("key", "two_lines")]


@pytest.mark.parametrize(("value", "step"), [(1, 2**64), (1, -(2**64)), ([1, 2], 2**63 - 1)])
def test_a_step_beyond_64_bits_is_refused_and_nothing_is_recorded(
    tape: Tape, value: Any, step: int
) -> None:
    with pytest.raises(ValueError, match="`loss` does not fit 64 bits"):
        foundations.log_metric("loss", value, step)

    assert tape.events == []


@pytest.mark.scenario(16)
def test_a_warning_is_given_when_a_key_is_used_again(
    tape: Tape, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")

    foundations.save_artifact(path, "key")
    foundations.save_artifact(path, "key")

    warning = 'Foundations WARNING: Artifact "key" already exists - overwriting.\n'
    assert capsys.readouterr().out == warning


@pytest.mark.parametrize(
    ("name", "error"), [("missing", FileNotFoundError), (".", IsADirectoryError)]
)
def test_a_path_that_is_no_file_is_an_error(
    tape: Tape, tmp_path: Path, name: str, error: type[OSError]
) -> None:
    with pytest.raises(error):
        foundations.save_artifact(tmp_path / name, "key")

    assert tape.events == []


@pytest.mark.scenario(17)
@pytest.mark.usefixtures("outside")
def test_each_call_warns_when_a_file_is_saved_outside_a_job(
    capsys: pytest.CaptureFixture[str],
) -> None:
    foundations.save_artifact("missing")
    foundations.save_artifact("missing")

    assert capsys.readouterr().out.count("Cannot save artifact outside of job.") == 2


def test_the_job_before_comes_back_when_it_is_replaced(tape: Tape) -> None:
    before = jobs.replace_current(None)

    assert before is not None
    assert jobs.replace_current(before) is None
    assert jobs.current() is before
