"""Sizes as people read them."""

from __future__ import annotations


def show_bytes(count: int) -> str:
    """Return e.g. `512 B`, `4.2 kB`, `500 MB`, in powers of 1,000."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.3g} {unit}"
