"""Make this environment run the checkout: a .pth file and the two commands.

`pip install -e .` would do the same with a build tool that only developers have.
"""

from __future__ import annotations

import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COMMAND = """#!{python}
import sys

from {module} import {function}

if __name__ == "__main__":
    sys.exit({function}())
"""


def main() -> int:
    """Write the links into the environment of the interpreter that runs this."""
    paths = sysconfig.get_paths()
    (Path(paths["purelib"]) / "foundations_atlas.pth").write_text(f"{ROOT / 'src'}\n")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, target in project["scripts"].items():
        module, function = target.split(":")
        command = Path(paths["scripts"]) / name
        command.write_text(COMMAND.format(python=sys.executable, module=module, function=function))
        command.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
