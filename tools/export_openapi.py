"""Write the server's OpenAPI document; the GUI's types are generated from it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from foundations_server.app import create_app
from foundations_server.platform.settings import Settings


def main() -> int:
    """Write the document to the path given, or to standard output."""
    with tempfile.TemporaryDirectory() as home:
        document = create_app(Settings(home=Path(home))).openapi()
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
