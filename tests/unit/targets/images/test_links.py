import pytest

from codered.model.target import Volume
from codered.targets.images.links import INSIDE, judge_link

C, D = Volume("p1", "C"), Volume("p2", "D")


@pytest.mark.parametrize("leads", ["\\??\\C:\\Inetpub", "C:\\x", "c:\\x", "..\\x", "x", "/etc/passwd", "\\\\?\\C:\\x"])
def test_what_lies_in_the_image_is_no_gap(leads: str) -> None:
    assert judge_link(leads, (C,)) == (False, INSIDE)


@pytest.mark.parametrize("leads", ["\\??\\Z:\\data", "Z:\\", "\\\\server\\share", "\\??\\UNC\\server\\x", ""])
def test_what_lies_elsewhere_is_a_gap(leads: str) -> None:
    is_gap, why = judge_link(leads, (C, D))
    assert is_gap
    assert (leads in why) or not leads


def test_a_mount_point_is_a_gap_only_if_there_is_no_other_volume() -> None:
    leads = "\\??\\Volume{11111111-2222-3333-4444-555555555555}\\"
    assert judge_link(leads, (C,))[0]
    assert not judge_link(leads, (C, D))[0]


def test_hostile_text_is_one_short_printable_line() -> None:
    _, why = judge_link("Z:\\\x1b[31m\n" + "x" * 5000, ())
    assert why.isprintable()
    assert len(why) < 300
