"""`python -m foundations_worker`."""

from __future__ import annotations

import sys

from foundations_worker.main import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
