"""YAML with line numbers, so that an error can say where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundations_wire.errors import InvalidRequest

Keys = tuple[str, ...]


@dataclass(frozen=True)
class YamlFile:
    """The top mapping of a file, and the line of each key by its path of keys."""

    path: Path
    data: dict[str, Any]
    lines: dict[Keys, int] = field(default_factory=dict)

    def get(self, *keys: str) -> Any:
        """Return the value under a path of keys; None where there is none."""
        value: Any = self.data
        for key in keys:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    def where(self, *keys: str) -> str:
        """Return `<file>, line <n>` of a key, or the file alone."""
        line = self.lines.get(keys)
        return f"{self.path}, line {line}" if line else str(self.path)


def read_yaml(path: Path) -> YamlFile:
    """Return what a file says; an empty one says nothing.

    Raises:
        InvalidRequest: it is not UTF-8 or not YAML (file and line named), its top is no
            mapping, or PyYAML is not installed.
    """
    try:
        import yaml  # noqa: PLC0415 (optional, and 20 ms that most imports of the SDK save)
    except ImportError as error:
        raise InvalidRequest(f"To read {path}, install PyYAML: `pip install pyyaml`.") from error
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8 text.") from error
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from error
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        raise InvalidRequest(_explain(path, error)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path} is not YAML: {error}") from error
    finally:
        loader.dispose()
    if data is None:
        return YamlFile(path, {})
    if not isinstance(data, dict):
        raise InvalidRequest(f"{path}, line 1: the file must hold `key: value` lines.")
    lines: dict[Keys, int] = {}
    _collect_lines(node, (), lines)
    return YamlFile(path, {str(key): value for key, value in data.items()}, lines)


def _collect_lines(node: Any, above: Keys, lines: dict[Keys, int]) -> None:
    if node.id != "mapping" or len(above) > 8:
        return
    for key, value in node.value:
        keys = (*above, str(key.value))
        lines[keys] = key.start_mark.line + 1
        _collect_lines(value, keys, lines)


def _explain(path: Path, error: Any) -> str:
    mark = error.problem_mark or error.context_mark
    line = f", line {mark.line + 1}" if mark else ""
    problem = error.problem or error.context or "it cannot be read"
    hint = " (YAML is indented with spaces)" if "\\t" in problem else ""
    return f"{path}{line} is not YAML: {problem}{hint}."
