"""Reading a folder of advisories in the OSV format. What can't be read is said by its name; the others still count."""

import os
from typing import NamedTuple

import msgspec

from codered.model.advisories import Advisory
from codered.system.descriptors import READ_FILE

MOST_FILES = 200_000
MOST_BYTES = 8 << 20
MOST_DEPTH = 4


class AdvisoriesRead(NamedTuple):
    """The advisories, and of each file that could not be read its path and why."""

    advisories: tuple[Advisory, ...]
    bad: tuple[tuple[str, str], ...]


def read_advisories(folder: str) -> AdvisoriesRead:
    """Every `*.json` below the folder, one advisory each; links are not followed."""
    advisories: list[Advisory] = []
    bad: list[tuple[str, str]] = []
    for number, path in enumerate(_list_files(os.fsencode(folder), bad)):
        if number == MOST_FILES:
            bad.append((folder, f"more than {MOST_FILES:,} files: the rest was not read"))
            break
        try:
            advisories.append(_read(path))
        except OSError as error:
            bad.append((_show(path), error.strerror or "can't be read"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            bad.append((_show(path), f"no advisory in the OSV format: {str(error)[:200]}"))
    return AdvisoriesRead(tuple(one for one in advisories if not one.withdrawn), tuple(bad))


def _list_files(folder: bytes, bad: list[tuple[str, str]]) -> list[bytes]:
    found: list[bytes] = []
    waiting = [(folder, 0)]
    while waiting and len(found) <= MOST_FILES:
        path, depth = waiting.pop()
        try:
            with os.scandir(path) as entries:
                items = sorted(entries, key=lambda item: item.name)
        except OSError as error:
            bad.append((_show(path), error.strerror or "can't be read"))
            continue
        found += [item.path for item in items if item.name.endswith(b".json") and item.is_file(follow_symlinks=False)]
        if depth < MOST_DEPTH:
            waiting += [(item.path, depth + 1) for item in items if item.is_dir(follow_symlinks=False)]
    return found


def _read(path: bytes) -> Advisory:
    descriptor = os.open(path, READ_FILE)
    try:
        if os.fstat(descriptor).st_size > MOST_BYTES:
            raise OSError(0, f"larger than {MOST_BYTES >> 20} MiB")
        pieces = []
        while piece := os.read(descriptor, 1 << 20):
            pieces.append(piece)
            if sum(map(len, pieces)) > MOST_BYTES:
                raise OSError(0, f"larger than {MOST_BYTES >> 20} MiB")
    finally:
        os.close(descriptor)
    return msgspec.json.decode(b"".join(pieces), type=Advisory)


def _show(path: bytes) -> str:
    return path.decode(errors="backslashreplace")
