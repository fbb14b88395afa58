"""How long tests of faults take, and the seed of their chances.

`make test` runs the short forms; ATLAS_FAULT_ROUNDS=200 (`make test-faults`) the long ones.
ATLAS_FAULT_SEED repeats the chances of an earlier run.
"""

from __future__ import annotations

import os
import secrets

ROUNDS = int(os.environ.get("ATLAS_FAULT_ROUNDS", "6"))
SEED = int(os.environ.get("ATLAS_FAULT_SEED", str(secrets.randbits(32))))
_MANY = 100


def pick(short: int, long: int) -> int:
    """Return the size for this run."""
    return long if ROUNDS >= _MANY else short
