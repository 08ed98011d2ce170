"""What a fleet engine is asked and answers. An engine gives exactly one Return for each host that it was given: what
nobody said is a Return too, with the reason.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import msgspec

Outcome = Literal["answered", "unreachable", "refused", "timed_out", "silent", "garbled", "failed"]
"""answered: the program ran and `output` is whole; unreachable: no way to the host (off, no route); refused: it let us
not in (keys, rights, minion not accepted); timed_out: it did not finish; silent: the engine said nothing about it;
garbled: what came back is cut or is not what was sent; failed: the program could not be started or brought there.
"""


class EngineHost(msgspec.Struct, frozen=True, kw_only=True):
    """A host as its engine knows it: `name` is unique among those of one call; `address` is where to reach it
    (Ansible), `minion` its id (Salt); `variables` go to the engine (`ansible_user`, `ansible_port`).
    """

    name: str
    address: str = ""
    minion: str = ""
    variables: dict[str, str] = {}


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """The one file that a host must have: where it lies here, its SHA-256, and its size in bytes. On the host it lies
    in a folder named after the digest and is brought only once.
    """

    path: str
    sha256: str
    size: int


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Run `program` with `arguments` on each host; `inputs` (host name -> bytes) is put into a file there first, whose
    path is added as the last argument. `seconds` bounds one host, `most_bytes` what it may answer.
    """

    id: str
    program: Program
    arguments: tuple[str, ...]
    inputs: dict[str, bytes]
    seconds: float = 900.0
    most_bytes: int = 64 << 20


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one host. `output` is the sealed answer (JSON) and set only if answered; `exit_code` is the
    program's (None = not known); `seconds` is wall time as far as the engine tells.
    """

    host: str
    outcome: Outcome
    reason: str = ""
    exit_code: int | None = None
    output: bytes = b""
    seconds: float = 0.0


class Engine(Protocol):
    """A way to run a program on many hosts."""

    name: str

    def run(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Return]:
        """One Return for each host, as they come in. Raises Unsupported or WrongUse if the engine itself is missing or
        set up wrongly; never for a host's sake.
        """
