"""What is asked is bounded and known."""

import msgspec
import pytest

from codered_hq.api.documents import AskedAction

GOOD = {"do": "contain", "host": "web01", "reason": "it scans"}


def test_what_may_be_asked() -> None:
    assert msgspec.convert(GOOD, AskedAction).seconds is None
    for wrong in (
        {"do": "wipe"}, {"host": ""}, {"host": "a\nb"}, {"reason": " "}, {"seconds": 14}, {"seconds": 1e9}, {"x": 1},
        {"host": "x" * 256},
    ):  # fmt: skip
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(GOOD | wrong, AskedAction)
