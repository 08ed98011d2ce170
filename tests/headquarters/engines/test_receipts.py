"""Receipts and parts of answers: whatever a host says, it is a whole answer or none."""

import base64
import gzip
import hashlib
import os

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from codered.model.job import RECEIPT_FORMAT, Receipt
from codered_hq.engines.host_script import Frame
from codered_hq.engines.receipts import Unfinished, read_answer
from codered_hq.model.engine import Return

BODY = os.urandom(5000)


def _frame(path: str = "/a/b.json", body: bytes = BODY, **changes: object) -> Frame:
    words = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest(), **changes}
    receipt = Receipt(format=RECEIPT_FORMAT, path=path, **words)  # type: ignore[arg-type]
    return Frame(state="ran", said=msgspec.json.encode(receipt).decode(), code=4, seconds=3)


def _part(content: bytes) -> Frame:
    return Frame(state="part", said=base64.b64encode(gzip.compress(content)).decode())


def _unfinished() -> Unfinished:
    found = read_answer("a", _frame(), 9999)
    assert isinstance(found, Unfinished)
    return found


def test_an_inline_answer_is_taken_if_it_is_what_the_receipt_says() -> None:
    expected = Return(host="a", outcome="answered", exit_code=4, output=BODY, seconds=3.0)
    assert read_answer("a", _frame(inline=BODY), 9999) == expected
    for frame in (_frame(inline=BODY[1:]), _frame(inline=BODY, size=1), _frame(inline=BODY, sha256="0" * 64)):
        found = read_answer("a", frame, 9999)
        assert isinstance(found, Return)
        assert (found.outcome, found.output) == ("garbled", b"")


def test_parts_are_put_together_and_checked() -> None:
    one = _unfinished()
    assert one.next_part() == b"0 5000 /a/b.json\n"
    assert one.take("a", _part(BODY[:3000])) is None
    assert one.next_part() == b"3000 2000 /a/b.json\n"
    done = one.take("a", _part(BODY[3000:]))
    assert done is not None
    assert (done.outcome, done.output) == ("answered", BODY)
    wrong = _unfinished().take("a", _part(BODY[::-1]))
    assert wrong is not None
    assert wrong.outcome == "garbled"


def test_bombs_empty_parts_and_foreign_ones_end_the_fetching() -> None:
    cut = Frame(state="part", said=_part(BODY).said[:-20])
    for frame in (_part(b""), _part(bytes(50 << 20)), cut, Frame(state="part", said="?"), Frame(state="part")):
        found = _unfinished().take("a", frame)
        assert found is not None
        assert (found.outcome, found.output) == ("garbled", b"")
    gone = _unfinished().take("a", Frame(state="failed", why="gone"))
    assert gone is not None
    assert gone.reason == "its answer could not be fetched: gone"


def test_a_receipt_that_asks_for_too_much_or_for_no_file_is_refused() -> None:
    for frame in (
        _frame(size=10_000),
        _frame(size=0),
        _frame(size=-1),
        _frame("b"),
        _frame("/a\n/b"),
        _frame("/" * 2000),
    ):
        found = read_answer("a", frame, 9999)
        assert isinstance(found, Return)
        assert found.outcome == "garbled"


@given(
    st.text(),
    st.none() | st.integers(0, 255),
    st.sampled_from(["ran", "missing", "kept", "part", "timed_out", "failed"]),
)
def test_no_text_makes_an_answer(said: str, code: int | None, state: str) -> None:
    frame = msgspec.structs.replace(Frame(state="ran"), state=state, said=said, code=code, why="why")
    found = read_answer("a", frame, 99)
    assert isinstance(found, Return)
    assert found.outcome in ("garbled", "failed", "timed_out")
    assert found.reason
