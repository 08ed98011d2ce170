import pytest

from codered.model.observation import FileSeen, LogChunk, LogHit, Piece


@pytest.mark.parametrize(
    ("path", "shown", "text"),
    [
        (b"/mnt/c/x", "C:\\x", "C:\\x"),
        (b"/mnt/x", None, "/mnt/x"),
        (b"/mnt/\xff\n", None, "/mnt/\\xff\n"),
    ],
)
def test_a_file_is_named_as_its_own_system_names_it(path: bytes, shown: str | None, text: str) -> None:
    assert FileSeen(path=path, shown=shown, windows=False, size=1).system_path() == text


def test_a_log_hit_needs_no_more_than_every_log_has() -> None:
    hit = LogHit(address="192.0.2.1", time=None, request="GET /", status="200")
    assert (hit.line, hit.referer, hit.agent, hit.forwarded, hit.error) == (0, "", "", "", "")


def test_a_chunk_reads_its_own_lines() -> None:
    chunk = LogChunk(b"a\nb\n", lambda start, end: LogHit(address="", time=None, request=f"{start}-{end}", status=""))
    hit = chunk.read(2, 3)
    assert hit is not None
    assert hit.request == "2-3"


def test_observations_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        Piece(0, b"x").offset = 1  # type: ignore[misc]
