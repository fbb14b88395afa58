"""`foundations get logs`: where it begins, and what it says of missing bytes."""

from __future__ import annotations

from typing import Any

import pytest

from foundations_cli.main import main
from foundations_client.client import Client


def test_the_last_lines_are_asked_for(cli: Any, jobs: Any) -> None:
    job_id = jobs.end(log=b"one\ntwo\nthree\n")

    assert cli("get", "logs", "scheduler", job_id, "--tail", "2").out == "two\nthree\n"
    assert cli("get", "logs", "scheduler", job_id, "--tail", "0", "-f").out == ""


@pytest.mark.parametrize("moment", ["10m", "1d", "2001-01-01T00:00", "2001-01-01T00:00:00Z"])
def test_what_came_since_a_moment_is_printed(cli: Any, jobs: Any, moment: str) -> None:
    job_id = jobs.end(log=b"one\ntwo\n")

    assert cli("get", "logs", "scheduler", job_id, "--since", moment).out == "one\ntwo\n"


def test_nothing_came_since_a_moment_to_come(cli: Any, jobs: Any) -> None:
    job_id = jobs.end(log=b"one\ntwo\n")

    outcome = cli("get", "logs", "scheduler", job_id, "--since", "2199-01-01T00:00:00Z")

    assert (outcome.status, outcome.out) == (0, "")


@pytest.mark.parametrize("moment", ["yesterday", "10", "5 minutes", ""])
def test_a_moment_that_is_none_is_refused(cli: Any, jobs: Any, moment: str) -> None:
    outcome = cli("get", "logs", "scheduler", jobs.end(), "--since", moment)

    assert outcome.status == 1
    assert outcome.out.startswith("Error: --since takes 90s, 10m, 2h, 1d or a time such as")


def test_two_beginnings_are_refused(cli: Any, jobs: Any) -> None:
    outcome = cli("get", "logs", "scheduler", jobs.end(), "--since", "1h", "--tail", "3")

    sentence = "Error: --since and --tail both say where to begin; drop one of them\n"
    assert (outcome.status, outcome.out) == (1, sentence)


@pytest.mark.parametrize("follow", [(), ("--follow",)])
def test_a_line_stands_where_bytes_are_not_kept(
    cli: Any, jobs: Any, client: Client, follow: tuple[str, ...]
) -> None:
    job_id = jobs.end(log=b"first\nhal")
    client.logs.append(job_id, 9, b"last\n", skipped=70_000_000)

    outcome = cli("get", "logs", "scheduler", job_id, *follow)

    gap = "[atlas] … 70000000 bytes of output are not kept …"
    assert outcome.out == f"first\nhal\n{gap}\nlast\n"


def test_bytes_that_are_no_text_go_into_a_pipe_as_they_are(
    jobs: Any, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = bytes(range(256)) + b"\x1b]52;c;x\x07\r\n"
    job_id = jobs.end(log=data)
    capfdbinary.readouterr()

    main(["get", "logs", "scheduler", job_id, "--follow"])

    assert capfdbinary.readouterr().out == data
