"""A message says who may read it, in the words of the traffic light protocol alone."""

import msgspec
import pytest

from codered_hq.model.notice import Notice


def test_a_notice_says_who_may_read_it() -> None:
    assert Notice(to="a@corp.example", subject="s", body="b").tlp == "AMBER"
    with pytest.raises(msgspec.ValidationError, match="tlp"):
        msgspec.json.decode(b'{"to": "a", "subject": "s", "body": "b", "tlp": "WHITE"}', type=Notice)
