"""Files that dpkg was told never to unpack (documentation in a small image): that they are missing says nothing."""

import fnmatch

from codered.collect.dpkg_records import RecordReader, read_record

FOLDER = b"etc/dpkg/dpkg.cfg.d"
MAIN = b"etc/dpkg/dpkg.cfg"
_MOST_RULES = 200
_MOST_LENGTH = 256
_MOST_STARS = 4  # each costs a search through the rest of a path


def read_excludes(reader: RecordReader, names: list[bytes]) -> tuple[tuple[bool, str], ...]:
    """The rules of dpkg's configuration (`names` are the files of its folder), in order: whether it excludes, and the
    pattern.
    """
    rules: list[tuple[bool, str]] = []
    for rel in (*sorted(names), MAIN):
        for line in read_record(reader, rel).decode(errors="surrogateescape").split("\n"):
            option, _, pattern = line.strip().removeprefix("--").partition("=")
            kind = option.strip()
            if kind not in ("path-exclude", "path-include") or not 0 < len(pattern) <= _MOST_LENGTH:
                continue
            if pattern.count("*") <= _MOST_STARS and len(rules) < _MOST_RULES:
                rules.append((kind == "path-exclude", pattern.strip()))
    return tuple(rules)


def is_excluded(rules: tuple[tuple[bool, str], ...], rel: bytes) -> bool:
    """Whether the last rule that fits a path below the root excludes it."""
    path = "/" + rel.decode(errors="surrogateescape")
    fitting = (exclude for exclude, pattern in reversed(rules) if fnmatch.fnmatchcase(path, pattern))
    return next(fitting, False)
