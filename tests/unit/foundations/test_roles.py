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
