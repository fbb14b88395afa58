"""What a command line means where the parser alone would take it differently.

`--debug` counts wherever it stands. Whatever follows the job directory of `submit` and of
`schedule create` belongs to the user's script, however it looks, so the command's own options
are moved to the front and closed with `--`. Forms that the original documented are turned
into ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Options of `submit`, which must be known before the parser sees them; a test compares
# both lists with the command itself.
SUBMIT_VALUES = frozenset({
    "--entrypoint", "--project-name", "--num-gpus", "--ram", "--priority", "--server",
    "--cpus", "--image", "--pull", "--time-limit", "--grace", "--retries", "--infra-retries",
    "--after", "--array",
})  # fmt: skip
SUBMIT_FLAGS = frozenset({
    "--stream-job-logs", "--no-stream-job-logs", "--force", "--wait", "--json", "--help", "-h",
    "--hold", "--dry-run",
})  # fmt: skip
# Those of `schedule create`.
SCHEDULE_VALUES = frozenset({
    "--name", "--cron", "--every", "--timezone", "--start", "--end", "--catch-up",
    "--entrypoint", "--project-name", "--num-gpus", "--ram", "--priority", "--server",
})  # fmt: skip
SCHEDULE_FLAGS = frozenset({
    "--overlap", "--no-overlap", "--paused", "--replace", "--force", "--json", "--help", "-h",
})  # fmt: skip
# Groups that list when no command of theirs is named.
LISTS = frozenset({"queue", "workers"})
_HELP = ("-h", "--help")
_STREAM = "--stream-job-logs"
_DEBUG = "--debug"


@dataclass(frozen=True)
class Arguments:
    """A command line as the parser takes it. `stray` are script arguments that look like ours."""

    words: list[str]
    is_debug: bool = False
    is_json: bool = False
    stray: list[str] = field(default_factory=list)


def prepare(words: list[str]) -> Arguments:
    """Return the command line in the form that the parser takes."""
    before, command, rest = _split_at_command(words)
    is_debug = _DEBUG in before
    before = [word for word in before if word != _DEBUG]
    before = [*before, command] if command else before
    if command == "submit":
        return _prepare_script(before, rest, SUBMIT_VALUES, SUBMIT_FLAGS, is_debug=is_debug)
    if command == "schedule" and _plain_words(rest)[:1] == ["create"]:
        place = rest.index("create")
        is_debug = is_debug or _DEBUG in rest[:place]
        before += [word for word in rest[: place + 1] if word != _DEBUG]
        return _prepare_script(
            before, rest[place + 1 :], SCHEDULE_VALUES, SCHEDULE_FLAGS, is_debug=is_debug
        )
    is_debug = is_debug or _DEBUG in rest
    rest = [word for word in rest if word != _DEBUG]
    if command == "stop" and rest[:1] == ["job"] and len(_plain_words(rest)) >= 3:
        rest = rest[1:]
    if command in LISTS and (not rest or (rest[0].startswith("-") and rest[0] not in _HELP)):
        rest = ["list", *rest]
    return Arguments([*before, *rest], is_debug, "--json" in rest)


def _prepare_script(
    before: list[str],
    rest: list[str],
    values: frozenset[str],
    flags: frozenset[str],
    *,
    is_debug: bool,
) -> Arguments:
    own, script = _split_script(rest, values)
    options = [word for word in own.options if word != _DEBUG]
    words = [*before, *options, *_close(own.positionals, script)]
    known = values | flags | {_DEBUG}
    stray = [word for word in script if word.partition("=")[0] in known]
    return Arguments(words, is_debug or _DEBUG in own.options, "--json" in options, stray)


def _split_at_command(words: list[str]) -> tuple[list[str], str, list[str]]:
    for index, word in enumerate(words):
        if not word.startswith("-"):
            return words[:index], word, words[index + 1 :]
    return words, "", []


@dataclass
class _Own:
    options: list[str] = field(default_factory=list)
    positionals: list[str] = field(default_factory=list)


def _split_script(words: list[str], values: frozenset[str]) -> tuple[_Own, list[str]]:
    """Split at the job directory: ours before it, the user's script after it."""
    own = _Own()
    left = list(words)
    while left and len(own.positionals) < 2:
        word = left.pop(0)
        if word == "--":
            own.positionals += left[: 2 - len(own.positionals)]
            left = left[2:]
            break
        if not word.startswith("-"):
            own.positionals.append(word)
        elif word.partition("=")[0] == _STREAM:
            own.options.append(_read_stream(word, left))
        else:
            own.options.append(word)
            if word in values and left:
                own.options.append(left.pop(0))
    if left[:1] == ["--"]:
        left = left[1:]
    return own, left


def _read_stream(word: str, left: list[str]) -> str:
    """Return the flag that `--stream-job-logs [True|False]` stands for; it takes its value."""
    _, sign, value = word.partition("=")
    if not sign and left and left[0] in ("True", "False", "true", "false"):
        value = left.pop(0)
    return "--no-stream-job-logs" if value.lower() == "false" else _STREAM


def _close(positionals: list[str], script: list[str]) -> list[str]:
    words = [*positionals, *script]
    return ["--", *words] if words else []


def _plain_words(words: list[str]) -> list[str]:
    return [word for word in words if not word.startswith("-")]
