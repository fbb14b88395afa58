"""Is this process a job, part of one, or neither? Light: every import of the SDK asks."""

# ruff: noqa: PTH100, PTH119, PTH120 - pathlib takes longer to import than all of this

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Optional

NONE = "none"  # not a job: the functions warn once and store nothing
OWNER = "owner"  # the process itself becomes a job
ATTACHED = "attached"  # it reports to the job of its parent or of the worker that started it

OWNER_VARIABLE = "FOUNDATIONS_JOB_OWNER"
JOB_VARIABLE = "FOUNDATIONS_JOB_ID"
PROJECT_VARIABLE = "FOUNDATIONS_PROJECT_NAME"
# Of a process that reports to a job: who else must not take itself for the job or its head.
# `pid:<pid>` in a local job, `attempt:<id>` in a worker's, where the first process that
# imports the SDK adds `,pid:<pid>` for those it starts.
_OFF_VARIABLE = "FOUNDATIONS_COMMAND_LINE"
_TRUE = frozenset({"true", "1", "yes", "on"})

# (number, how many) of a rank: torchrun and its like, Open MPI, MPICH, PMIx, Slurm.
_RANKS = (
    ("RANK", "WORLD_SIZE"), ("LOCAL_RANK", "WORLD_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE"),
    ("PMIX_RANK", "SLURM_NTASKS"), ("SLURM_PROCID", "SLURM_NTASKS"),
)  # fmt: skip
_NODES = ("GROUP_RANK", "SLURM_NODEID", "NODE_RANK")
_RANKS_OF_A_NODE = ("LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")

# Atlas's own programs; they never report to a job.
_OWN_PROGRAMS = frozenset({
    "foundations", "atlas-server", "foundations_cli", "foundations_server", "foundations_worker",
})  # fmt: skip

# Programs that import a training script without being one. A job for each of their runs
# would bury the real ones; inside a job they attach like any other child.
_TOOLS = frozenset({
    # test runners import the code under test
    "pytest", "py.test", "unittest", "nose2", "behave", "tox", "nox",
    # prompts and notebooks: `foundations.start_job` opens a job there
    "ipython", "ipython3", "ipykernel_launcher", "ipykernel", "jupyter", "jupyter-lab",
    "jupyter-notebook", "bpython", "ptpython", "idlelib", "code", "_pyrepl",
    # documentation, linters and installers read modules
    "sphinx", "sphinx-build", "pydoc", "mkdocs", "pdoc", "doctest", "mypy", "pylint", "pip",
    "compileall", "build",
})  # fmt: skip


def decide() -> str:
    """Return NONE, OWNER or ATTACHED for the process that imports the SDK now."""
    program = _find_program()
    if os.environ.get(_OFF_VARIABLE, "").strip().lower() in _TRUE or program in _OWN_PROGRAMS:
        return NONE
    owner = os.environ.get(OWNER_VARIABLE)
    if owner and owner != f"pid:{os.getpid()}":
        return ATTACHED if os.environ.get(JOB_VARIABLE) else NONE
    if not program or program in _TOOLS or _is_interactive():
        return NONE
    return ATTACHED if find_rank() and os.environ.get(JOB_VARIABLE) else OWNER


def find_rank() -> int:
    """Return this process's number among those of a distributed program; 0 when it is alone."""
    for rank, size in _RANKS:
        number, count = _read_number(rank), _read_number(size)
        if number is not None and count is not None:
            return number if count > 1 else 0
    return 0


def find_node() -> int:
    """Return the number of this machine among those of a distributed program."""
    rank = find_rank()
    if not rank:
        return 0
    for name in _NODES:
        number = _read_number(name)
        if number is not None:
            return number
    for name in _RANKS_OF_A_NODE:
        count = _read_number(name)
        if count:
            return rank // count
    return 0


def is_head() -> bool:
    """Whether no process above this one, other than a worker's, reports to the job."""
    marks = os.environ.get(OWNER_VARIABLE, "").split(",")
    return all(mark in ("", f"pid:{os.getpid()}") or mark.startswith("attempt:") for mark in marks)


def mark_head() -> None:
    """Tell the processes that this one starts that it comes before them."""
    owner = os.environ.get(OWNER_VARIABLE)
    mark = f"pid:{os.getpid()}"
    if not owner:
        os.environ[OWNER_VARIABLE] = mark
    elif mark not in owner.split(","):
        os.environ[OWNER_VARIABLE] = f"{owner},{mark}"


def _find_program() -> str:
    """Return the script's file name or the first part of the `-m` module; empty for neither."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    module = spec.name if spec is not None else _find_module_being_started()
    if module:
        return str(module).partition(".")[0]
    file: Optional[str] = getattr(main, "__file__", None)
    if not file or file == "<stdin>":
        return ""  # a prompt, `-c`, or a program on standard input
    # `python pytest.py` is the user's script whatever its name; `bin/pytest` is the tool.
    name = os.path.basename(file)
    if name == "__main__.py":  # `python some_folder`
        return os.path.basename(os.path.dirname(os.path.abspath(file)))
    return name.removesuffix(".exe")


def _find_module_being_started() -> str:
    """Return the module of `python -m` while its parent packages are still being imported."""
    frame: Optional[FrameType] = sys._getframe()  # noqa: SLF001 - only here Python tells it
    while frame is not None:
        if frame.f_code.co_name == "_run_module_as_main":
            return str(frame.f_locals.get("mod_name", ""))
        frame = frame.f_back
    return ""


def _is_interactive() -> bool:
    return bool(sys.flags.interactive) or hasattr(sys, "ps1")


def _read_number(name: str) -> Optional[int]:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else None
