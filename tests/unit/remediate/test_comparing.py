import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import FileState, LinksState, LinkState, ProcessState, State
from codered.remediate.comparing import UNREADABLE, agree, tell_difference

FILE = FileState(exists=True, sha256="a" * 64, size=3, mode=0o644, mtime_ns=7)
RUNS = ProcessState(pid=5, start=6, boot="b", state="running", sha256="c" * 64, command="x")
LINKS = LinksState(links=(LinkState(path=FilePath("/l"), target=FilePath("/u")),))


@pytest.mark.parametrize(
    ("wanted", "now", "same"),
    [
        (FILE, FILE, True),
        (FILE, replace(FILE, mtime_ns=8), False),
        (replace(FILE, mtime_ns=0), replace(FILE, mtime_ns=8), True),
        (replace(FILE, mtime_ns=0), replace(FILE, mtime_ns=8, mode=0o600), False),
        (FILE, None, False),
        (FILE, RUNS, False),
        (LINKS, LINKS, True),
        (LINKS, LinksState(links=()), False),
        (RUNS, replace(RUNS, command="called otherwise"), True),
        (RUNS, replace(RUNS, state="held"), True),
        (RUNS, replace(RUNS, state="gone", sha256=""), True),
        (RUNS, replace(RUNS, sha256="d" * 64), False),
        (replace(RUNS, sha256=""), RUNS, True),
        (RUNS, replace(RUNS, start=7), False),
        (RUNS, replace(RUNS, boot="other"), False),
        (replace(RUNS, state="gone"), RUNS, False),
        (replace(RUNS, state="gone"), replace(RUNS, state="held"), False),
    ],
)
def test_what_agrees(wanted: State, now: State | None, same: bool) -> None:
    assert agree(wanted, now) is same


def test_differences_in_words() -> None:
    assert tell_difference(RUNS, replace(RUNS, sha256="d" * 64)) == "it runs another program now"
    assert tell_difference(RUNS, replace(RUNS, sha256="")) == UNREADABLE
    assert tell_difference(replace(RUNS, state="gone"), RUNS) == "it runs"
    assert tell_difference(FILE, replace(FILE, mode=0)) == "it has another mode now"
