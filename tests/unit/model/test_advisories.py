import msgspec
import pytest

from codered.model.advisories import Advisory


def test_what_judging_does_not_need_is_passed_over() -> None:
    raw = b'{"id": "A-1", "details": "long", "affected": [{"package": {"name": "x", "purl": "p"}, "ranges": []}]}'
    read = msgspec.json.decode(raw, type=Advisory)
    assert (read.id, read.affected[0].package.name, read.withdrawn) == ("A-1", "x", None)


def test_an_advisory_has_an_id() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=Advisory)
