"""Places where a test may make a program die, wait or fail.

`FOUNDATIONS_FAILPOINTS="dispatch.after_2_reserve=kill@3"` kills the process the third time it
comes there. Actions: `kill` (SIGKILL), `stop` (SIGSTOP), `sleep:SECONDS`, `raise` (OSError).
`@FILE` instead names a file with such orders, which may come, change and go while programs run.
Without the variable a place costs one comparison. `FOUNDATIONS_FAILPOINTS_LOG` names a file
that gets the name of each place that is reached, so that a suite can tell whether it was.
"""

from __future__ import annotations

import os
import signal
import threading
import time

_LOG = os.environ.get("FOUNDATIONS_FAILPOINTS_LOG", "")
_TEXT = os.environ.get("FOUNDATIONS_FAILPOINTS", "")
_lock = threading.Lock()
_hits: dict[str, int] = {}


def _read(text: str) -> dict[str, tuple[str, int]]:
    """Return action and hit (0: each) by the name of the place."""
    orders = {}
    for part in filter(None, text.split(",")):
        name, _, order = part.partition("=")
        action, _, hit = order.partition("@")
        orders[name] = (action, int(hit or 0))
    return orders


_orders = {} if _TEXT.startswith("@") else _read(_TEXT)
_IS_ON = bool(_TEXT or _LOG)


def _find_orders() -> dict[str, tuple[str, int]]:
    if not _TEXT.startswith("@"):
        return _orders
    try:
        with open(_TEXT[1:], encoding="utf-8") as file:  # noqa: PTH123 - no import for it
            return _read(file.read().strip())
    except FileNotFoundError:
        return {}


def reach(name: str) -> None:
    """Do what the environment orders for this place; nothing as a rule."""
    if _IS_ON:
        _act(name)


def _act(name: str) -> None:
    with _lock:
        _hits[name] = hit = _hits.get(name, 0) + 1
        if _LOG:
            with open(_LOG, "a", encoding="utf-8") as file:  # noqa: PTH123 - no import for it
                file.write(f"{name}\n")
    action, wanted = _find_orders().get(name, ("", 0))
    if not action or wanted not in (0, hit):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action.startswith("sleep:"):
        time.sleep(float(action[6:]))
    elif action == "raise":
        raise OSError(f"failpoint {name}")
