"""Bodies are JSON of a bounded size, read once."""

import msgspec
import pytest
from django.test import RequestFactory

from codered.model.errors import WrongUse
from codered_hq.api.bodies import read_body, read_json, show_json
from codered_hq.api.errors import TooLarge, WrongMedia


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    what: str


def test_what_is_read_and_what_is_not() -> None:
    make = RequestFactory().post
    request = make("/", b'{"what": "x"}', content_type="application/json; charset=utf-8")
    assert read_json(request, Wish, 99) == Wish("x")
    assert read_body(request, 99) == b'{"what": "x"}'  # again, though it was read
    with pytest.raises(TooLarge, match="more than 3 bytes"):
        read_body(make("/", b"1234", content_type="application/json"), 3)
    with pytest.raises(WrongMedia, match="text/plain"):
        read_body(make("/", b"1", content_type="text/plain"), 3)
    for body in (b"{", b"[" * 9999, b'{"what": "x", "more": 1}', b"\xff"):
        with pytest.raises(WrongUse, match="can't be read"):
            read_json(make("/", body, content_type="application/json"), Wish, 99_999)
    assert show_json(Wish("x"), 201).content == b'{"what":"x"}'
