"""Fail when a file, function or parameter list has outgrown its limit.

Limits are in ARCHITECTURE's spirit: a file that one person can hold in the head. An exception
is one line in EXCEPTIONS with its reason.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 500
MAX_TEST_FILE_LINES = 800
MAX_FUNCTION_LINES = 60  # code lines: no docstring, comment or blank
MAX_PARAMETERS = 8
MAX_SDK_PARAMETERS = 16  # keyword-only, in the public SDK
MAX_PROTOCOL_METHODS = 13
MAX_TYPESCRIPT_LINES = 250

# path -> reason
EXCEPTIONS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> int:
    """Print every breach, one a line; return 1 when there is any."""
    breaches = [*_check_python(), *_check_typescript()]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


def _check_python() -> Iterator[str]:
    for folder, limit in (
        ("src", MAX_FILE_LINES),
        ("tools", MAX_FILE_LINES),
        ("examples", MAX_FILE_LINES),
        ("tests", MAX_TEST_FILE_LINES),
    ):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in EXCEPTIONS:
                yield from _check_file(path, name, limit)


def _check_file(path: Path, name: str, limit: int) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > limit:
        yield f"{name}: {len(lines)} lines, at most {limit}"
    tree = ast.parse(text)
    options = _list_options(tree)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from _check_function(node, name, lines, options)
        elif isinstance(node, ast.ClassDef) and _is_protocol(node):
            methods = sum(isinstance(part, Function) for part in node.body)
            if methods > MAX_PROTOCOL_METHODS:
                yield f"{name}:{node.lineno}: {node.name} has {methods} methods"


def _check_function(
    node: Function, name: str, lines: list[str], options: set[str]
) -> Iterator[str]:
    is_command = _is_command(node, options)
    length = _count_code_lines(node, lines, first=node.body[0].lineno if is_command else None)
    if length > MAX_FUNCTION_LINES:
        yield f"{name}:{node.lineno}: {node.name} has {length} code lines"
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    count = sum(argument.arg not in ("self", "cls") for argument in named)
    is_sdk = name.startswith("src/foundations/")
    if count > (MAX_SDK_PARAMETERS if is_sdk else MAX_PARAMETERS) and not is_command:
        yield f"{name}:{node.lineno}: {node.name} takes {count} parameters"


def _is_command(node: Function, options: set[str]) -> bool:
    """Typer makes an option of each parameter: its signature is a table, not code."""
    notes = [ast.unparse(arg.annotation) for arg in node.args.args if arg.annotation]
    return any("typer." in note or note in options for note in notes)


def _list_options(tree: ast.Module) -> set[str]:
    """Return the names that the file gives to options which several commands share."""
    return {
        ast.unparse(node.targets[0])
        for node in tree.body
        if isinstance(node, ast.Assign) and "typer." in ast.unparse(node.value)
    }


def _count_code_lines(node: Function, lines: list[str], first: int | None) -> int:
    skipped: set[int] = set()
    if ast.get_docstring(node, clean=False) is not None:
        text = node.body[0]
        skipped = set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    span = range(first or node.lineno, (node.end_lineno or node.lineno) + 1)
    texts = (lines[number - 1].strip() for number in span if number not in skipped)
    return sum(bool(text) and not text.startswith("#") for text in texts)


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def _check_typescript() -> Iterator[str]:
    source = ROOT / "gui" / "src"
    for path in sorted([*source.rglob("*.ts"), *source.rglob("*.tsx")]):
        name = path.relative_to(ROOT).as_posix()
        if name.endswith("schema.d.ts") or name in EXCEPTIONS:  # generated
            continue
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MAX_TYPESCRIPT_LINES:
            yield f"{name}: {count} lines, at most {MAX_TYPESCRIPT_LINES}"


if __name__ == "__main__":
    sys.exit(main())
