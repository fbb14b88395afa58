"""What the machine's owner told pip about package indexes, in uv's words.

uv reads neither pip's files nor its variables; without this an index of the house would be
passed over in silence.
"""

from __future__ import annotations

import configparser
import sys
from collections.abc import Mapping
from pathlib import Path

_IN_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def translate(environment: Mapping[str, str], files: list[Path]) -> dict[str, str]:
    """Return variables for uv. What is set for uv already stays; variables go before files."""
    found: dict[str, str] = {}
    for file in files:
        found.update(_read(file))
    for option in _IN_UV:
        if value := environment.get("PIP_" + option.upper().replace("-", "_")):
            found[option] = value
    return {
        variable: " ".join(found[option].split())
        for option, variable in _IN_UV.items()
        if option in found and variable not in environment
    }


def find_files(environment: Mapping[str, str]) -> list[Path]:
    """Return where pip looks for its settings, the later one winning."""
    home = Path.home()
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        config / "pip" / "pip.conf",
        Path(sys.prefix) / "pip.conf",
    ]
    if own := environment.get("PIP_CONFIG_FILE"):
        files.append(Path(own))
    return files


def _read(file: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}  # pip itself will say so when it is used
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    return {key: value for key, value in found.items() if key in _IN_UV}
