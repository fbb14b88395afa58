"""Names that people can say: two words and the job's number in its project."""

from __future__ import annotations

import hashlib

_FIRST = (
    "amber", "azure", "bold", "brave", "bright", "brisk", "calm", "clear", "clever", "cool",
    "coral", "crisp", "daring", "deep", "early", "fair", "fleet", "fond", "free", "fresh",
    "gentle", "glad", "golden", "grand", "green", "happy", "hardy", "honest", "ivory", "jolly",
    "keen", "kind", "late", "light", "lively", "lucky", "mellow", "merry", "mild", "misty",
    "neat", "noble", "olive", "patient", "plain", "proud", "quick", "quiet", "rapid", "rosy",
    "ruby", "sharp", "silver", "smooth", "snowy", "steady", "sunny", "swift", "tidy", "true",
    "vivid", "warm", "wise", "young",
)  # fmt: skip
_SECOND = (
    "badger", "beaver", "bison", "crane", "cricket", "curlew", "deer", "dolphin", "dove",
    "dragonfly", "eagle", "falcon", "ferret", "finch", "fox", "gannet", "gecko", "goose",
    "grouse", "hare", "hawk", "hedgehog", "heron", "hornet", "ibex", "jackdaw", "jay", "kestrel",
    "kite", "koala", "lark", "lemur", "linnet", "llama", "lynx", "magpie", "marmot", "marten",
    "mole", "moose", "newt", "osprey", "otter", "owl", "panda", "pelican", "plover", "puffin",
    "quail", "raven", "robin", "salmon", "seal", "shrew", "sparrow", "squirrel", "stork", "swan",
    "tern", "thrush", "toad", "trout", "wren", "yak",
)  # fmt: skip


def name_job(job_id: str, number: int) -> str:
    """Return e.g. `amber-heron-12`; the number makes it unique in a project."""
    digest = hashlib.sha256(job_id.encode()).digest()
    first, second = _FIRST[digest[0] % len(_FIRST)], _SECOND[digest[1] % len(_SECOND)]
    return f"{first}-{second}-{number}"
