"""Tells SQLite that a condition leaves most rows, so that no index on it looks promising."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class often(GenericFunction[bool]):  # noqa: N801 - it reads like a function
    """The condition that it is given. Other databases count for themselves."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - as it is declared
        """Return it as it is: compared with 1, as other functions are, it hides the column."""
        return self


@compiles(often)
def _compile(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **options))


@compiles(often, "sqlite")
def _compile_for_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"likelihood({_compile(element, compiler, **options)}, 0.99)"
