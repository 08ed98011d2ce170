"""What the user said to the words of `codered baseline`."""

from typing import NamedTuple


class CreateOptions(NamedTuple):
    """What the user said to `codered baseline create`."""

    output: str | None
    root: str | None
    places: tuple[str, ...]
    with_state: bool
    key: str | None
    no_contents: bool
    jobs: int | None
    as_json: bool


class CompareOptions(NamedTuple):
    """What the user said to `codered baseline compare`."""

    baseline: str | None
    root: str | None
    against: str | None
    trust: tuple[str, ...]
    force: bool
    full: bool
    jobs: int | None
    as_json: bool
    output: tuple[str, ...]


class SignOptions(NamedTuple):
    """What the user said to `codered baseline sign`."""

    file: str
    key: str | None
    new_key: str | None
    output: str | None
