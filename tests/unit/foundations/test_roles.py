from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from foundations import roles


def run_as(
    monkeypatch: pytest.MonkeyPatch, *, file: str | None = None, module: str | None = None
) -> None:
    """Pretend that the process runs a script or a module."""
    main = ModuleType("__main__")
    main.__spec__ = ModuleSpec(module, None) if module else None
    if file:
        main.__file__ = file
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(roles, "_find_module_being_started", str)


@pytest.mark.parametrize("file", ["/code/main.py", "/code/pytest.py", "/code/app/__main__.py"])
def test_a_script_is_an_owner(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    run_as(monkeypatch, file=file)

    assert roles.decide() == roles.OWNER


@pytest.mark.parametrize("module", ["pkg.train", "train", "pkg.__main__"])
def test_a_module_run_with_m_is_an_owner(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    run_as(monkeypatch, module=module, file="/code/pkg/train.py")

    assert roles.decide() == roles.OWNER


@pytest.mark.parametrize(
    ("file", "module"),
    [
        (None, None),
        ("<stdin>", None),
        ("/bin/pytest", None),
        ("/bin/foundations", None),
        ("/bin/atlas-server", None),
        ("C:/bin/pytest.exe", None),
        ("/lib/pytest/__main__.py", None),
        ("/lib/x.py", "pytest.__main__"),
        ("/lib/x.py", "unittest.__main__"),
        ("/lib/x.py", "ipykernel_launcher"),
        ("/lib/x.py", "foundations_worker.main"),
        ("/lib/x.py", "foundations.__main__"),
    ],
)
def test_prompts_tools_and_our_own_programs_are_no_jobs(
    monkeypatch: pytest.MonkeyPatch, file: str | None, module: str | None
) -> None:
    run_as(monkeypatch, file=file, module=module)

    assert roles.decide() == roles.NONE


@pytest.mark.parametrize("text", ["True", "true", "1", "yes", " TRUE "])
def test_nothing_is_a_job_when_the_command_line_is_named(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    run_as(monkeypatch, file="/code/main.py")
    monkeypatch.setenv("FOUNDATIONS_COMMAND_LINE", text)

    assert roles.decide() == roles.NONE


def test_false_like_texts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run_as(monkeypatch, file="/code/main.py")
    monkeypatch.setenv("FOUNDATIONS_COMMAND_LINE", "False")

    assert roles.decide() == roles.OWNER


@pytest.mark.parametrize("owner", ["attempt:a-1", "pid:1"])
@pytest.mark.parametrize("file", ["/code/main.py", None, "/bin/pytest"])
def test_a_process_with_an_owner_attaches_whatever_it_is(
    monkeypatch: pytest.MonkeyPatch, owner: str, file: str | None
) -> None:
    run_as(monkeypatch, file=file)
    monkeypatch.setenv("FOUNDATIONS_JOB_OWNER", owner)
    monkeypatch.setenv("FOUNDATIONS_JOB_ID", "job-1")

    assert roles.decide() == roles.ATTACHED


def test_a_program_that_replaced_the_owner_is_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    run_as(monkeypatch, file="/code/main.py")
    monkeypatch.setenv("FOUNDATIONS_JOB_OWNER", f"pid:{os.getpid()}")
    monkeypatch.setenv("FOUNDATIONS_JOB_ID", "job-1")

    assert roles.decide() == roles.OWNER


def test_our_own_programs_attach_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run_as(monkeypatch, module="foundations_cli.main")
    monkeypatch.setenv("FOUNDATIONS_JOB_OWNER", "attempt:a-1")
    monkeypatch.setenv("FOUNDATIONS_JOB_ID", "job-1")

    assert roles.decide() == roles.NONE


def test_a_prompt_is_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    run_as(monkeypatch, file="/code/main.py")
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)

    assert roles.decide() == roles.NONE


DISTRIBUTED = [
    {"RANK": "2", "WORLD_SIZE": "4", "LOCAL_RANK": "0"},
    {"LOCAL_RANK": "2", "WORLD_SIZE": "4"},
    {"OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"},
    {"PMI_RANK": "2", "PMI_SIZE": "4"},
    {"PMIX_RANK": "2", "SLURM_NTASKS": "4"},
    {"SLURM_PROCID": "2", "SLURM_NTASKS": "4"},
]


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("variables", DISTRIBUTED)
def test_a_rank_attaches_to_the_job_that_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    run_as(monkeypatch, file="/code/main.py")
    set_variables(monkeypatch, {**variables, "FOUNDATIONS_JOB_ID": "job-1"})

    assert (roles.find_rank(), roles.decide()) == (2, roles.ATTACHED)


@pytest.mark.parametrize("variables", DISTRIBUTED)
def test_the_first_rank_is_the_owner(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    run_as(monkeypatch, file="/code/main.py")
    first = {name: value.replace("2", "0") for name, value in variables.items()}
    set_variables(monkeypatch, {**first, "FOUNDATIONS_JOB_ID": "job-1"})

    assert (roles.find_rank(), roles.decide()) == (0, roles.OWNER)


@pytest.mark.parametrize(
    "variables",
    [
        {"RANK": "2"},
        {"RANK": "2", "WORLD_SIZE": "1"},
        {"RANK": "two", "WORLD_SIZE": "4"},
        {"RANK": "-1", "WORLD_SIZE": "4"},
    ],
)
def test_a_process_is_no_rank_when_it_is_alone(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    run_as(monkeypatch, file="/code/main.py")
    set_variables(monkeypatch, {**variables, "FOUNDATIONS_JOB_ID": "job-1"})

    assert (roles.find_rank(), roles.decide()) == (0, roles.OWNER)


def test_a_rank_without_a_job_to_attach_to_is_an_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    run_as(monkeypatch, file="/code/main.py")
    set_variables(monkeypatch, DISTRIBUTED[0])

    assert roles.decide() == roles.OWNER


@pytest.mark.parametrize(
    ("variables", "node"),
    [
        ({}, 0),
        ({"RANK": "9", "WORLD_SIZE": "16", "GROUP_RANK": "1"}, 1),
        ({"SLURM_PROCID": "9", "SLURM_NTASKS": "16", "SLURM_NODEID": "3"}, 3),
        ({"RANK": "9", "WORLD_SIZE": "16", "LOCAL_WORLD_SIZE": "4"}, 2),
        ({"RANK": "9", "WORLD_SIZE": "16"}, 0),
        ({"SLURM_NODEID": "3"}, 0),
    ],
)
def test_a_rank_knows_its_node(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], node: int
) -> None:
    set_variables(monkeypatch, variables)

    assert roles.find_node() == node


@pytest.mark.parametrize(
    ("owner", "is_head", "marked"),
    [
        ("", True, "pid:{pid}"),
        ("pid:{pid}", True, "pid:{pid}"),
        ("attempt:a-1", True, "attempt:a-1,pid:{pid}"),
        ("attempt:a-1,pid:{pid}", True, "attempt:a-1,pid:{pid}"),
        ("attempt:a-1,pid:1", False, "attempt:a-1,pid:1,pid:{pid}"),
        ("pid:1", False, "pid:1,pid:{pid}"),
    ],
)
def test_the_first_process_of_a_job_comes_before_those_it_starts(
    monkeypatch: pytest.MonkeyPatch,
    owner: str,
    is_head: bool,  # noqa: FBT001 - a column of the table
    marked: str,
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOB_OWNER", owner.format(pid=os.getpid()))

    found = roles.is_head()
    roles.mark_head()

    assert found is is_head
    assert os.environ["FOUNDATIONS_JOB_OWNER"] == marked.format(pid=os.getpid())


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what a launcher of the tests themselves may have set."""
    names = ("GROUP_RANK", "NODE_RANK", "SLURM_NODEID", "LOCAL_WORLD_SIZE")
    known = {name for variables in DISTRIBUTED for name in variables}
    for name in (*known, *names, "FOUNDATIONS_JOB_ID"):
        monkeypatch.delenv(name, raising=False)
