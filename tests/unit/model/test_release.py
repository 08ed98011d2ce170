import msgspec
import pytest

from codered.model.release import RELEASE_FORMAT, Release

DOCUMENT = {
    "format": RELEASE_FORMAT,
    "version": "1.2.3",
    "commit": "a" * 40,
    "time": "2026-01-02T03:04:05Z",
    "python": "3.11.2",
    "files": [{"name": "codered.pyz", "sha256": "b" * 64, "size": 3, "what": "the host tool", "needs": "CPython 3.11"}],
}


def test_a_release_comes_back_as_it_went() -> None:
    release = msgspec.convert(DOCUMENT, Release)
    assert msgspec.json.decode(msgspec.json.encode(release)) == DOCUMENT


@pytest.mark.parametrize("change", [{"format": "codered/release/2"}, {"time": "yesterday"}, {"files": None}])
def test_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(DOCUMENT | change, Release)
