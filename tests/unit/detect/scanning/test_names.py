"""Names that were resolved."""

from codered.detect.scanning.names import ResolvedNames


def test_an_answer_counts_for_its_client_and_within_its_time() -> None:
    names = ResolvedNames(10.0)
    assert not names.seen
    names.add(b"me", b"peer", 1.0)
    assert names.seen
    assert names.knows(b"me", b"peer", 11.0)
    assert not names.knows(b"me", b"peer", 11.1)
    assert not names.knows(b"you", b"peer", 1.0)
    assert not names.knows(b"", b"peer", 1.0)


def test_an_answer_to_this_host_counts_for_everybody_on_it() -> None:
    names = ResolvedNames(10.0)
    names.add(b"", b"peer", 1.0)
    assert names.knows(b"me", b"peer", 2.0)
    assert names.knows(b"", b"peer", 2.0)


def test_what_was_asked_for_by_the_other_family_counts_for_everybody() -> None:
    names = ResolvedNames(10.0)
    four, six = bytes((10, 0, 0, 1)), bytes((0x20, 1, *bytes(13), 1))
    names.add(four, six, 1.0)
    assert names.knows(bytes((0x20, 1, *bytes(13), 9)), six, 2.0)
    assert not names.knows(six, bytes((0x20, 1, *bytes(13), 2)), 2.0)
    names.add(four, bytes((20, 0, 0, 1)), 1.0)
    assert not names.knows(bytes((10, 0, 0, 2)), bytes((20, 0, 0, 1)), 2.0)


def test_client_and_address_do_not_run_together() -> None:
    names = ResolvedNames(10.0)
    names.add(b"ab", b"c", 1.0)
    assert not names.knows(b"a", b"bc", 1.0)


def test_the_oldest_are_forgotten() -> None:
    names = ResolvedNames(1e9, most=20)
    for one in range(35):
        names.add(b"me", b"%d" % one, 1.0)
    known = [one for one in range(35) if names.knows(b"me", b"%d" % one, 1.0)]
    assert known == list(range(20, 35))
