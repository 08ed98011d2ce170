"""The work of `codered packs publish`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from codered.cli.output import say, show
from codered.cli.packs.judging import judge_packs, updates_part
from codered.export.writing.escaping import printable
from codered.model.errors import WrongUse

if TYPE_CHECKING:
    from codered.packs.updating.publishing import Published, PublishOrder

_SOON = timedelta(days=30)


class PublishOptions(NamedTuple):
    """Where to, and with which keys."""

    repository: str
    keys: tuple[str, ...]
    passphrase_file: str | None
    expires_days: int
    as_json: bool


def publish(asked: PublishOptions, folders: tuple[str, ...], removed: tuple[str, ...]) -> int:
    """Packs into the repository."""
    order = _make_order(asked)
    from codered.packs.updating.publishing import publish_packs

    if not folders and not removed:
        raise WrongUse("nothing to publish", advice="name folders of packs, or --remove NAME")
    packs = _list_folders(folders)
    done = publish_packs(order, packs, removed, judge_packs)
    for folder in packs:
        if (folder / "pack.yaml").exists() and not any((folder / "examples").glob("*/*")):
            say(f"codered: {folder.absolute().name}: nothing was tested: it has no examples")
    return _tell(done, order, asked)


def make(asked: PublishOptions, threshold: int, root_keys: int) -> int:
    """Keys and an empty repository."""
    order = _make_order(asked)
    from codered.packs.updating.founding import make_repository

    made = make_repository(order, threshold=threshold, root_keys=root_keys)
    say(
        f"codered: keys are in {order.keys[0]}: keep those of root and targets offline, each root key by another person"
    )
    say(f"codered: give {order.repository / 'metadata' / '1.root.json'} to those who shall trust it")
    return _tell(made, order, asked)


def rotate(asked: PublishOptions, role: str) -> int:
    """A new key for a role."""
    order = _make_order(asked)
    from codered.packs.updating.rotating import rotate_key

    done = rotate_key(order, role)
    say(f"codered: {role} has a new key in {order.keys[0]}; the one before signs nothing any more: put it away")
    return _tell(done, order, asked)


def refresh(asked: PublishOptions) -> int:
    """A new timestamp."""
    order = _make_order(asked)
    from codered.packs.updating.publishing import refresh_repository

    return _tell(refresh_repository(order), order, asked)


def _make_order(asked: PublishOptions) -> "PublishOrder":
    with updates_part():
        from codered.packs.updating.keys import read_passphrase
        from codered.packs.updating.publishing import PublishOrder
    return PublishOrder(
        repository=Path(asked.repository),
        keys=tuple(map(Path, asked.keys)),
        now=datetime.now(UTC),
        passphrase=read_passphrase(Path(asked.passphrase_file) if asked.passphrase_file else None),
        days=asked.expires_days,
    )


def _list_folders(folders: tuple[str, ...]) -> tuple[Path, ...]:
    """Each pack's folder, and each folder of packs. Raises WrongUse for what is neither."""
    found: list[Path] = []
    for name in folders:
        folder = Path(name)
        inner = sorted(path.parent for path in folder.glob("*/pack.yaml"))
        if not (folder / "pack.yaml").exists() and not inner:
            raise WrongUse("neither a pack nor a folder of packs", where=name, advice="name a folder with a pack.yaml")
        found += [folder] if (folder / "pack.yaml").exists() else [folder, *inner]
    return tuple(dict.fromkeys(found))


def _tell(done: "Published", order: "PublishOrder", asked: PublishOptions) -> int:
    if asked.as_json:
        show(msgspec.json.format(msgspec.json.encode(done)).decode() + "\n")
    else:
        for name, version in done.packs.items():
            show(printable(f"{name} {version}") + "\n")
    ends = ", ".join(f"{role} {done.versions[role]} until {end:%Y-%m-%d}" for role, end in done.expires.items())
    say(f"codered: {'published' if done.changed else 'published already, nothing changed'}: {ends}")
    words = {"root": "publish rotate root", "targets": "publish refresh", "snapshot": "publish refresh"}
    for role, word in words.items():
        if done.expires[role] - order.now < _SOON:
            say(f"codered: {role} expires soon: codered packs {word}")
    return 0
