"""`python -m foundations` is the `foundations` command."""

from __future__ import annotations

from foundations_cli.main import run

if __name__ == "__main__":
    run()
