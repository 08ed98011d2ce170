"""Following symbolic links inside a root: sites-enabled, /lib, homes that lie elsewhere. Never out of the root."""

from codered.collect.autostart.reading import Reader, SmallFile

MOST_LINKS = 20
MOST_PARTS = 100


def resolve_path(reader: Reader, rel: bytes) -> bytes | None:
    """Where a path leads when links are followed as the examined system would, its root being the target's; None if
    the links never end. A part that does not exist is kept as it is.
    """
    pending = [part for part in rel.split(b"/") if part not in (b"", b".")][::-1]
    done: list[bytes] = []
    links = 0
    while pending:
        part = pending.pop()
        if part == b"..":
            done[-1:] = []
            continue
        here = b"/".join([*done, part])
        leads = reader.read_link(here)
        if leads is None:
            done.append(part)
            continue
        links += 1
        if links > MOST_LINKS or len(pending) + leads.count(b"/") > MOST_PARTS:
            return None
        if leads.startswith(b"/"):
            done = []
        pending += [name for name in leads.split(b"/") if name not in (b"", b".")][::-1]
    return b"/".join(done)


def read_through(reader: Reader, rel: bytes) -> SmallFile | None:
    """The file a path leads to, by its real path; None if there is none or it can't be read (which is remembered)."""
    real = resolve_path(reader, rel)
    return reader.read(real) if real else None


def rel_of(path: str) -> bytes:
    """A path of the examined system as one below the root ("" for the root itself)."""
    return path.encode(errors="surrogateescape").strip(b"/")
