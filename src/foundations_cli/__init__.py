"""The `foundations` command.

Modules with commands do without `from __future__ import annotations`: on Python 3.9 Typer
reads the annotations as they stand, and would lose names and help texts.
"""
