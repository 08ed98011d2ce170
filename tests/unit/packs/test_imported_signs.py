import json
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.model.pack import Origin
from codered.packs.imported_signs import SIGNS_FILE, add_signs
from tests.fixtures.small_packs import make_pack

SIGN = {
    "id": "mark", "because": "A mark.", "confidence": "likely", "severity": "high", "references": ["r1"],
    "rule": "mark", "scope": "any",
}  # fmt: skip


def test_signs_of_an_imported_pack_are_read_as_its_own() -> None:
    own = make_pack().pack
    imported = msgspec.structs.replace(own, origin=Origin(source="x.yar"))
    document = {"references": [{"id": "r1", "title": "A page", "grade": "expert"}], "content": [SIGN]}
    data = json.dumps(document).encode()
    pack = add_signs(imported, {SIGNS_FILE: data}, Path("x"))
    assert pack.content[-1].rule == "mark"
    assert pack.references[-1].id == "r1"
    assert add_signs(imported, {}, Path("x")) is imported
    assert add_signs(own, {}, Path("x")) is own
    for bad in (b"", b"[]", b"\xff", b'{"content": [{"id": 1}]}', b'{"files": []}', b"[" * 100_000):
        with pytest.raises(WrongUse, match=r"signs\.json"):
            add_signs(imported, {SIGNS_FILE: bad}, Path("x"))
    with pytest.raises(WrongUse, match="imported pack"):
        add_signs(own, {SIGNS_FILE: data}, Path("x"))
    large = b"x" * ((1 << 20) + 1)
    with pytest.raises(WrongUse, match="exceeded"):
        add_signs(own, {"rules.yar": large}, Path("x"))
    assert add_signs(imported, {"rules.yar": large}, Path("x")) is imported
