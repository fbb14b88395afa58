"""The prose says what the code does: names, options, variables, routes, files, links."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

from foundations_cli.main import app as foundations_app
from foundations_client.configuration import JobConfig
from foundations_server.app import create_app
from foundations_server.command import app as server_app
from foundations_server.platform.settings import Settings
from foundations_wire.errors import AtlasError
from foundations_wire.jobs import JobStatus

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"

# Words that GLOSSARY.md rules out and that mean nothing else in our pages.
REFUSED_WORDS = ("spool", "outbox", "agent", "succeeded", "cancelled", "aborted", "experiment")
# What people must be free to say about the original and about alternatives.
ALLOWED_PAGES = ("GLOSSARY.md", "docs/guides/coming-from-2020.md")


def list_pages() -> list[str]:
    """Return every Markdown page of ours, as paths from the root."""
    folders = ("docs", "examples", "src", ".github", "gui", "deploy", "worker")
    pages = [*ROOT.glob("*.md")]
    for folder in folders:
        pages += (ROOT / folder).rglob("*.md")
    return sorted(
        page.relative_to(ROOT).as_posix() for page in pages if "node_modules" not in page.parts
    )


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def read_prose(page: str) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^( *)(```|~~~).*?^\1\2", "", read(page), flags=re.MULTILINE | re.DOTALL)


def list_commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the command and those below it, with their full names.

    The type is that of Typer's own copy of Click, which has no public name.
    """
    yield path, command
    for name, subcommand in getattr(command, "commands", {}).items():
        if not subcommand.hidden:
            yield from list_commands(subcommand, f"{path} {name}")


def list_options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.param_type_name == "option" and not parameter.hidden:
            yield from (*parameter.opts, *parameter.secondary_opts)


@pytest.mark.parametrize(
    ("app", "program", "page"),
    [
        (foundations_app, "foundations", "cli.md"),
        (server_app, "atlas-server", "atlas-server.md"),
    ],
)
def test_every_command_and_option_is_in_its_reference(
    app: typer.Typer, program: str, page: str
) -> None:
    text = read("docs", "reference", page)
    words = set(re.findall(r"--?[a-zA-Z][\w-]*", text))
    commands = dict(list_commands(typer.main.get_command(app), program))

    missing = [path for path in commands if path not in text]
    options = [(p, option) for p, command in commands.items() for option in list_options(command)]
    missing += [f"{path} {option}" for path, option in options if option not in words]

    assert missing == []
    assert len(options) > 10


def test_every_public_name_of_the_sdk_is_in_its_reference() -> None:
    tree = ast.parse(read("src", "foundations", "__init__.py"))
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "__all__" in [ast.unparse(t) for t in node.targets]
    ]
    text = read("docs", "reference", "sdk.md")

    missing = [name for name in ast.literal_eval(values[0]) if f"`{name}" not in text]

    assert missing == []


def test_every_environment_variable_is_in_its_reference() -> None:
    pattern = re.compile(r"""["'](FOUNDATIONS_[A-Z_]+|PROJECT_NAME|DISABLE_LOG_STREAMING)["']""")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    text = read("docs", "reference", "environment-variables.md")

    missing = {name for name in pattern.findall(source) if f"`{name}`" not in text}

    assert missing == set()


def test_every_key_of_the_job_config_is_in_its_reference() -> None:
    text = read("docs", "reference", "configuration-files.md")

    missing = [field.name for field in fields(JobConfig) if f"`{field.name}`" not in text]

    assert missing == ["warnings"]  # what reading the file gave, no key of it


def test_every_route_is_in_its_reference(tmp_path: Path) -> None:
    document = create_app(Settings(home=tmp_path)).openapi()
    text = _without_parameter_names(read("docs", "reference", "rest.md"))
    documented = set(re.findall(r"/[a-z{][\w{}./-]*", text))

    paths = [_without_parameter_names(path).removeprefix("/api/v1") for path in document["paths"]]

    assert [path for path in paths if path not in documented] == []


def _without_parameter_names(text: str) -> str:
    return re.sub(r"\{[\w:]+\}", "{}", text)


def test_every_error_code_is_in_the_rest_reference() -> None:
    text = read("docs", "reference", "rest.md")

    missing = [kind.code for kind in _list_errors(AtlasError) if f"`{kind.code}`" not in text]

    assert missing == ["server-unreachable"]  # made by the client, never sent


def _list_errors(kind: type[AtlasError]) -> list[type[AtlasError]]:
    """Return the errors of the wire; those of single programs stay in them."""
    children = [c for c in kind.__subclasses__() if c.__module__ == AtlasError.__module__]
    return [kind, *(leaf for child in children for leaf in _list_errors(child))]


def test_every_status_is_explained() -> None:
    text = read("docs", "reference", "job-states.md")

    assert [status.value for status in JobStatus if f"| `{status.value}` |" not in text] == []


@pytest.mark.parametrize("page", list_pages())
def test_every_relative_link_leads_to_a_file(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(<?([^)\s>]+)", read_prose(page))
    targets = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]

    assert [target for target in targets if not (folder / target).exists()] == []


@pytest.mark.parametrize(
    "page", ["ARCHITECTURE.md", *(p for p in list_pages() if "docs/decisions/" in p)]
)
def test_every_file_that_is_named_exists(page: str) -> None:
    """A name with a slash and a known ending is a file, from the root or from src/."""
    names = re.findall(r"`([\w.-]+/[\w./-]*(?:\.(?:py|tsx?|md|toml|yml)|/))`", read(page))

    missing = [
        name for name in names if not any((ROOT / top / name).exists() for top in ("", "src"))
    ]

    assert missing == []


@pytest.mark.parametrize("page", list_pages())
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = re.findall(r"^([a-z-]+):", read("Makefile"), flags=re.MULTILINE)

    named = re.findall(r"(?:^ *|`)make ([a-z][a-z-]*)\b", read(page), flags=re.MULTILINE)

    assert [target for target in named if target not in targets] == []


def test_architecture_stays_within_two_screens() -> None:
    assert len(read("ARCHITECTURE.md").splitlines()) <= 130


def test_every_word_of_the_glossary_is_defined_once() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", read("GLOSSARY.md"), flags=re.MULTILINE)

    assert len(words) > 40
    assert sorted(words) == sorted(set(words))


def test_the_glossary_knows_every_status() -> None:
    assert [s.value for s in JobStatus if f"`{s.value}`" not in read("GLOSSARY.md")] == []


@pytest.mark.parametrize("page", [page for page in list_pages() if page not in ALLOWED_PAGES])
def test_pages_use_the_words_of_the_glossary(page: str) -> None:
    pattern = rf"\b({'|'.join(REFUSED_WORDS)})s?\b"

    assert re.findall(pattern, read_prose(page), flags=re.IGNORECASE) == []


def test_every_decision_is_listed_and_has_its_five_parts() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = read("docs", "decisions", "README.md")
    parts = ["Context", "Decision", "Consequences", "Alternatives", "Check that enforces it"]

    for path in sorted(folder.glob("0*.md")):
        text = path.read_text(encoding="utf-8")

        assert f"({path.name})" in listed
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == parts, path.name


def test_async_functions_stay_at_the_edge_of_the_server() -> None:
    """Decision 0008."""
    edge = re.compile(
        r"src/foundations_server/"
        r"(app|serving|platform/\w+|\w+/(\w+_)?routes|archive/receiving|jobs/ingesting)\.py"
    )
    sources = [path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*.py")]

    holders = [name for name in sources if re.search(r"^\s*async def ", read(name), re.MULTILINE)]

    assert [name for name in holders if not edge.fullmatch(name)] == []


@pytest.mark.parametrize("page", list_pages())
def test_python_in_the_pages_is_python(page: str) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", read(page), flags=re.MULTILINE | re.DOTALL)

    for block in blocks:
        ast.parse(block)


def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}

    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    pages = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html"))
    loaded = re.findall(r"<(?:script|img|iframe)[^>]* src=\"(https?:[^\"]+)", pages)
    loaded += re.findall(r"<link[^>]* href=\"(https?:[^\"]+)", pages)
    assert loaded == []
