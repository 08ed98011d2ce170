"""A failure says what may be done about it."""

from codered_hq.sending.not_sent import NotSent


def test_a_failure_is_for_now_unless_it_says_otherwise() -> None:
    plain, gone = NotSent("away"), NotSent("gone", lasting=True, whole=True, wait=3)
    assert (str(plain), plain.why, plain.lasting, plain.whole, plain.wait) == ("away", "away", False, False, 0)
    assert (gone.lasting, gone.whole, gone.wait) == (True, True, 3)
