"""The crisis team's words: six steps, each with its place in the standard."""

import msgspec
import pytest

from codered_hq.model.crisis import CSF, STEPS, TLPS, Notice


def test_every_step_has_its_function_of_the_framework() -> None:
    assert tuple(CSF) == STEPS == ("prepare", "detect", "contain", "eradicate", "recover", "lessons")
    assert CSF["contain"] == CSF["eradicate"] == "RS"


def test_a_notice_says_who_may_read_it() -> None:
    assert Notice(to="a@corp.example", subject="s", body="b").tlp == "AMBER"
    assert "AMBER+STRICT" in TLPS
    with pytest.raises(msgspec.ValidationError, match="tlp"):
        msgspec.json.decode(b'{"to": "a", "subject": "s", "body": "b", "tlp": "WHITE"}', type=Notice)
