"""What stands in every notice."""

from hypothesis import given
from hypothesis import strategies as st

from codered_hq.model.notice import Notice
from codered_hq.sending.wording import cut, cut_bytes, write_body, write_subject


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_is_said_a_subject_is_one_line_and_nothing_hides(subject: str, body: str) -> None:
    notice = Notice(to="x", subject=subject, body=body, tlp="AMBER+STRICT", urgent=True)
    written, text = write_subject(notice), write_body(notice)
    assert written.startswith("[TLP:AMBER+STRICT] URGENT: ")
    assert written.isprintable()
    assert len(written) <= 180
    assert text.startswith("TLP:AMBER+STRICT\n\n")
    assert text.endswith("\n\nTLP:AMBER+STRICT\n")
    assert text.replace("\n", "").isprintable()


def test_cut_text_ends_with_an_ellipsis() -> None:
    assert (cut("abc", 3), cut("abcd", 3), cut_bytes("üüü", 6), cut_bytes("üüüü", 7)) == ("abc", "ab…", "üüü", "üü…")
