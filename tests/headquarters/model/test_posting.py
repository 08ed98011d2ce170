"""What agents sign, and what they may post."""

import msgspec
import pytest

from codered_hq.model.posting import Post, write_signed
from tests.fixtures.api_callers import make_body


def test_the_five_lines() -> None:
    assert write_signed("a", "7", "t", "00") == b"codered/ingest/1\na\n7\nt\n00"


def test_a_post_has_known_fields_and_bounded_ones() -> None:
    body = make_body("/x", mac="02:00:00:00:00:01")
    assert msgspec.json.decode(body, type=Post).reports[0].findings[0].subject.path == "/x"
    for old, new in (
        (b'"kind"', b'"colour":1,"kind"'), (b"02:00", b"02-00"), (b'"web01"', b'"a b"'),
        (b'"confirmed"', b'"sure"'), (b'"codered2"', b'""'),
    ):  # fmt: skip
        if old in body:
            with pytest.raises(msgspec.ValidationError):
                msgspec.json.decode(body.replace(old, new), type=Post)
