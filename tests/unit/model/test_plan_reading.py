"""Plans of older versions keep their digest; what this version does not know is refused."""

import base64
import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from codered.model.plan import Plan, digest_plan, hash_body, seal_plan
from codered.model.plan_reading import NewerPlan, decode_plan
from tests.unit.model.test_plan import PLAN


def seal_document(document: dict[str, Any]) -> bytes:
    """A document as a version wrote it that had these fields."""
    body = {key: value for key, value in document.items() if key != "digest"}
    return msgspec.json.encode(body | {"digest": hash_body(msgspec.json.encode(body))})


@pytest.fixture
def document() -> dict[str, Any]:
    written: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(seal_plan(PLAN)))
    return written


def test_a_plan_of_this_version_is_as_it_was_written(document: dict[str, Any]) -> None:
    plan = decode_plan(json.dumps(document, indent=2).encode())
    assert (plan, plan.sealed_as) == (seal_plan(PLAN), b"")


def test_an_older_plan_keeps_its_digest(document: dict[str, Any]) -> None:
    del document["actions"][0]["expects"]["of"]
    document["left_alone"] = []
    raw = seal_document(document)
    plan = decode_plan(raw)
    assert plan.digest == json.loads(raw)["digest"] == digest_plan(plan) != digest_plan(PLAN)
    assert replace(plan, sealed_as=b"", digest="") == PLAN
    again = decode_plan(msgspec.json.encode(plan))
    assert again == plan


def test_an_older_plan_that_was_changed_has_another_digest(document: dict[str, Any]) -> None:
    document["left_alone"] = []
    raw = seal_document(document)
    changed = decode_plan(raw.replace(b'"because":"b"', b'"because":"c"'))
    assert changed.digest != digest_plan(changed)
    kept = replace(decode_plan(raw), report_id="another")  # the words of the old document, another plan beside them
    assert kept.digest != digest_plan(kept)
    kept = replace(decode_plan(raw), sealed_as=b"{}")
    assert kept.digest != digest_plan(kept)


@pytest.mark.parametrize("place", [(), ("actions", 0), ("actions", 0, "expects"), ("target",)])
def test_what_a_newer_plan_holds_more_is_named(document: dict[str, Any], place: tuple[str | int, ...]) -> None:
    inner: Any = document
    for key in place:
        inner = inner[key]
    inner["also_deletes"] = "/"
    with pytest.raises(NewerPlan, match="also_deletes"):
        decode_plan(seal_document(document))


def test_a_newer_plan_without_its_restriction_does_not_count_under_its_digest(document: dict[str, Any]) -> None:
    """Whoever takes `only_if` away and puts what was approved beside it has not got that plan's approval."""
    newer = json.loads(seal_document(document))
    newer["actions"][0]["only_if"] = "nobody is logged in"
    approved = seal_document(newer)
    with pytest.raises(NewerPlan, match="only_if"):
        decode_plan(approved)
    body = msgspec.json.encode({key: value for key, value in newer.items() if key != "digest"})
    digest = json.loads(approved)["digest"]
    assert digest == hash_body(body)
    forged = document | {"digest": digest, "sealed_as": base64.b64encode(body).decode()}
    plan = decode_plan(msgspec.json.encode(forged))
    assert plan.digest == digest != digest_plan(plan)


@pytest.mark.parametrize("raw", [
    b"[]", b"{}", b'{"format":"codered/plan/1"}', b"\xff", b"null", b'{"id":"\xff"}', b"[" * 2000 + b"]" * 2000,
    b'{"digest":"x","format":"codered/plan/1","a":' + b"[" * 2000 + b"]" * 2000 + b"}",
])  # fmt: skip
def test_what_is_no_plan_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_plan(raw)


def test_a_plan_of_another_kind_of_state_is_damage(document: dict[str, Any]) -> None:
    document["actions"][0]["expects"] = {"of": "planet"}
    with pytest.raises(msgspec.ValidationError):
        decode_plan(seal_document(document))
    assert isinstance(decode_plan(msgspec.json.encode(PLAN)), Plan)
