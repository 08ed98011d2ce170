"""Which scanning the allow-list lets: a program by its hash, its user, its ports, at its hours."""

from collections.abc import Callable
from datetime import UTC, datetime

from codered.detect.process_words import ProcessWords
from codered.model.allow_list import AllowedScanner, AllowList
from codered.model.traffic import Actor

MOST_PORTS = 32


class ScannerAllowing:
    """Asks the allow-list about actors. `hash_program` gives the SHA-256 of what the process with a key runs ("" = not
    known): asked only if the list has scanners, for it reads the whole file.
    """

    def __init__(self, allowed: AllowList, words: ProcessWords, hash_program: Callable[[bytes], str]) -> None:
        self._allowed = allowed
        self._words = words
        self._hash = hash_program

    def explain(self, actor: Actor, ports: tuple[int, ...]) -> str:
        """The entry that lets this process try all of these ports now, in words; "" if none does."""
        entries = [self._find(actor, port) for port in ports[:MOST_PORTS] or (0,)]
        found = [entry for entry in entries if entry is not None]
        if len(found) < len(entries):
            return ""
        entry = found[0]
        return f"{entry.about()}, until {entry.expires} ({entry.who}: {entry.because})"

    def expired(self) -> tuple[AllowedScanner, ...]:
        """The scanners that the list vouches for no more."""
        return tuple(entry for entry in self._allowed.scanners if entry.is_expired(datetime.now(UTC)))

    def _find(self, actor: Actor, port: int) -> AllowedScanner | None:
        if not self._allowed.scanners or actor.process is None:
            return None
        sha256 = actor.sha256 or self._hash(b"pid %d %d" % (actor.process.pid, actor.process.start))
        if not sha256:
            return None
        now = datetime.now().astimezone()  # schedules are in the host's own time
        entry = self._allowed.allows_scanner(sha256, actor.user, now, command=actor.command, port=port)
        # A shell or an interpreter runs anything: only an entry with its command line allows one.
        name = actor.program.rpartition("/")[2] or actor.name
        return None if entry is not None and not entry.command and not self._words.names_plain_program(name) else entry
