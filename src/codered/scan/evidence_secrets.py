"""What stays out of a container unless it is asked for: private keys and passwords, by name and by what is in them."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from importlib import resources

import msgspec

from codered.evidence.container import NotKept

REASON = "a secret: --include-secrets takes it too"


class Secrets(msgspec.Struct, frozen=True):
    """Patterns of paths below the root and of names, in lower case, and what stands in files that hold a private key.
    Without any of them everything is taken.
    """

    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def names_secret(self, rel: bytes) -> bool:
        """Whether a file is secret by where it lies or what it is called."""
        path = rel.decode(errors="backslashreplace").lower()
        name = path.rpartition("/")[2]
        return any(fnmatchcase(path, one) for one in self.paths) or any(fnmatchcase(name, one) for one in self.names)

    def guard(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces; raises NotKept as soon as one shows a private key."""
        marks = tuple(mark.encode() for mark in self.marks)
        longest = max(map(len, marks), default=1)
        before = b""
        for piece in pieces:
            if any(mark in before + piece[:longest] or mark in piece for mark in marks):
                raise NotKept(REASON)
            before = (before + piece)[-longest:]
            yield piece


def load_secrets() -> Secrets:
    """The table that comes with the tool."""
    text = resources.files("codered.scan").joinpath("evidence_secrets.json").read_bytes()
    return msgspec.json.decode(text, type=Secrets)
