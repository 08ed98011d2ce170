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


@pytest.mark.parametrize(
    "finding",
    [
        {"attack": ["T1"] * 101}, {"attack": ["T" * 65]}, {"remedy": "r" * 65}, {"shared_by": ["x" * 65]},
        {"answers": {"2" * 65: 1}}, {"answers": {str(number): 1 for number in range(101)}}, {"count": 1 << 64},
        {"subject": {"kind": "file", "path": "/" * 4097}}, {"subject": {"kind": "setting", "registry": "k" * 4097}},
        {"subject": {"kind": "process", "pid": -1}}, {"evidence": [{"what": "w" * 4097}]},
        {"evidence": [{"what": "w", "data": "A" * 1024}]},
    ],
)  # fmt: skip
def test_each_field_of_a_finding_is_bounded(finding: dict[str, object]) -> None:
    post = msgspec.json.decode(make_body("/x"))
    post["reports"][0]["findings"][0].update(finding)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(post), type=Post)
