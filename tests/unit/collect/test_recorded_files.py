from codered.collect.recorded_files import WHOLE, Recorded, want_all


def test_what_is_not_on_record_is_told_from_nothing() -> None:
    item = Recorded(b"usr/bin/x", "app")
    assert (item.digest, item.mode, item.uid, item.capabilities) == ("", -1, -1, -1)
    assert WHOLE.part == 0
    assert WHOLE.parts == 1
    assert want_all(b"usr/bin/x")
